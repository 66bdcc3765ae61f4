"""One national health-workforce table in, every international body's files out.

The command line (`nps-exchange`) is the main way in. From Python, `nps_exchange.run.run` makes a whole
run folder; `nps_exchange.sources.read_national_table` and `nps_exchange.translate.translate` are its two
main steps, and their results have a `frame()` for pandas.
"""

__version__ = "0.1.0"
