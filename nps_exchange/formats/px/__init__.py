"""PX: a table for people as Statistics Sweden's programs have it, with its texts in several languages.

Source: PX-file format specification, Statistics Sweden, 2013; its keywords stand in `schemas/px/keywords.yaml`.
"""
