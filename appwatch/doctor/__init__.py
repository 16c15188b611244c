"""Whether appwatch can do its work here: what a round costs, and what stands in the way."""

from appwatch.doctor.examination import examine
from appwatch.doctor.findings import Finding, Patient
from appwatch.doctor.load import HostLoad, Load, duration_text, load_of

__all__ = ["Finding", "HostLoad", "Load", "Patient", "duration_text", "examine", "load_of"]
