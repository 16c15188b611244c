"""Good answers, spoiled in every way that bytes can be, and what no reader may make of them."""
