"""A process that appends: `python -m tests.audit.appender FOLDER NAME TIMES`.

Writes a line for each commit it was told of.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from tests.audit.house import ACCOUNT, House
from workbench.audit.events import StudyReceived


def main(folder: Path, name: str, times: int) -> None:
    house = House(folder, clock=lambda: datetime.now(UTC))
    with (folder / f"told-{name}").open("ab", buffering=0) as told:
        for number in range(times):
            study = f"{name}-{number:06}"
            with house.transaction() as connection:
                connection.execute(text("INSERT INTO study (id, state) VALUES (:id, 'received')"), {"id": study})
                event = StudyReceived(study=study, series=1, instances=number)
                entry = house.ledger.append(connection, event, actor=ACCOUNT)
                note = house.checkpointer.sign(connection) if number % 10 == 0 else None
            if note is not None:
                house.checkpointer.publish(note)
            told.write(f"{entry.seq} {entry.leaf_hash.hex()}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
