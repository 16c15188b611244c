"""What leaves appwatch as data: public columns, and the formats they are written in."""

from appwatch.exports.files import atomically
from appwatch.exports.formats import FORMATS, plain_text
from appwatch.exports.listings import LISTINGS, data_dictionary
from appwatch.exports.rows import VERSION, Cell, Column, Listing, Row

__all__ = [
    "FORMATS",
    "LISTINGS",
    "VERSION",
    "Cell",
    "Column",
    "Listing",
    "Row",
    "atomically",
    "data_dictionary",
    "plain_text",
]
