"""One national health-workforce table in, every international body's files out.

The command line (`nps-exchange`) is the main way in. From Python:

>>> from nps_exchange.sources import read_national_table
>>> from nps_exchange.translate import translate_frame
"""

__version__ = "0.1.0"
