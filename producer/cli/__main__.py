"""Runs `candlewick`: `python -m producer.cli`.

Exit codes: 0 done, 1 not done (one sentence on stderr says why and the way out), 2 wrong usage.
`dead-letters` and `replay` have meanings of their own for 1 and 2.
"""

from __future__ import annotations

import sys

from pydantic import ValidationError

from producer.cli.app import app
from producer.errors import ProducerError


def main() -> None:
    """Run the command that the arguments name."""
    try:
        app(prog_name="candlewick")
    except ProducerError as error:
        sys.exit(error.detail)
    except ValidationError as error:
        # Not its own words: they quote the value, which may be a secret.
        faults = (f"{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors())
        sys.exit(f"{'; '.join(faults)}. Correct it in the env file or in the environment.")
    except OSError as error:
        sys.exit(f"{error.filename or 'The system'}: {error.strerror or error}.")


if __name__ == "__main__":
    main()
