"""What was seen in the pixels of a prepared version and what became of it, one sealed blob for each series."""

import zlib
from dataclasses import dataclass, field

from sqlalchemy import insert, select

from workbench.records.errors import IntegrityBroken
from workbench.store.person_tables import redaction_blob
from workbench.store.repository import Repository

_LARGEST = 1 << 30
_PURPOSE = "preparation.redactions"


@dataclass(frozen=True, slots=True)
class SeriesRedactions:
    """The examinations of one series as `flow` wrote them, in clear. `content` bears identity: it says what was read.

    `digest` is keyed, and covers `content`; the log names it.
    """

    series: str
    instances: int
    regions: int
    digest: str
    content: bytes = field(repr=False)


class Redactions(Repository):
    """Rows of `redaction_blob`."""

    def keep(self, preparation_id: str, new: SeriesRedactions) -> None:
        """Keep the examinations of one series."""
        values = {
            "preparation": preparation_id,
            "series": new.series,
            "instance_count": new.instances,
            "region_count": new.regions,
            "digest": new.digest,
            "sealed": self._keys.seal(_PURPOSE, _place(preparation_id, new.series), zlib.compress(new.content, 6)),
        }
        self._write(insert(redaction_blob).values(values))

    def digests(self, preparation_id: str) -> dict[str, str]:
        """Return the digest of each series that was examined, without opening any."""
        wanted = select(redaction_blob.c.series, redaction_blob.c.digest)
        return {
            row.series: row.digest for row in self._all(wanted.where(redaction_blob.c.preparation == preparation_id))
        }

    def of_series(self, preparation_id: str, series_id: str) -> SeriesRedactions | None:
        """Open the examinations of one series; None when nobody looked.

        Raises
        ------
        IntegrityBroken
            When the blob was altered or moved.
        """
        row = self._first(
            select(redaction_blob).where(
                redaction_blob.c.preparation == preparation_id, redaction_blob.c.series == series_id
            )
        )
        if row is None:
            return None
        unpacked = zlib.decompressobj()
        try:
            opened = self._keys.unseal(_PURPOSE, _place(preparation_id, series_id), row.sealed)
            content = unpacked.decompress(opened, _LARGEST)
        except zlib.error:
            raise IntegrityBroken(
                "redactions-damaged",
                "What became of the pixels of a prepared version cannot be read.",
                "Restore the database from its backup, or prepare the study again.",
            ) from None
        return SeriesRedactions(series_id, row.instance_count, row.region_count, row.digest, content)


def _place(preparation_id: str, series_id: str) -> bytes:
    return f"{preparation_id}|{series_id}".encode()
