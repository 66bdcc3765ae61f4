"""`python -m nps_exchange` is the same as `nps-exchange`."""

from nps_exchange.cli import main

main()
