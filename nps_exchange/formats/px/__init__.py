"""PX: a table for people as Statistics Sweden's programs have it, with its texts in several languages.

Source: PX-file format specification, Statistics Sweden, 2013; its keywords stand in `schemas/px/keywords.yaml`.
"""

from nps_exchange.formats.px.cube import Cube, Variable, cube
from nps_exchange.formats.px.document import Bare, Px, Statement
from nps_exchange.formats.px.reading import Reading, decode, read
from nps_exchange.formats.px.writing import Unwritable, encode

__all__ = ["Bare", "Cube", "Px", "Reading", "Statement", "Unwritable", "Variable", "cube", "decode", "encode", "read"]
