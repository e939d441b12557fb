"""The candidates of a search from Milvus: dense vectors, BM25 and filters in one hybrid query.

A passage's id there is the key of its document and its place in it. The key is a digest of all that is stored, so a
document that changed is another one: new ones are put in before a snapshot is published, old ones are taken out after,
and both may be repeated. What a snapshot does not know is left out of its results.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from errors import ConfigError, SnapshotError
from index.catalogue import Catalogue
from index.filter import Filter
from index.ledger import Ledger
from index.store import Floats

if TYPE_CHECKING:
    from index.keywords import Tokens

NAME = "wence"
_SECONDS = 60.0  # for one answer
_CONNECT = 5.0  # seconds for the server to say that it is there
_MOST = 8192  # rows of one result, half of what Milvus allows: a hybrid one holds two
_KEY = 20  # hexadecimal digits
_STEPS = 4  # a token that weighs 1 is written as often into a query
_LONGEST = 65_000  # bytes of a passage's tokens; Milvus keeps 65,535
_ADDRESS = re.compile(r"milvus\+(file:.+\.db|https?://.+)")


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where Milvus is: `uri` is a URL or the path of a Milvus Lite file; `name` begins the names of collections."""

    uri: str
    name: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def lite(self) -> bool:
        """Whether it is a file of this machine."""
        return "://" not in self.uri


def read_address(setting: str) -> Address:
    """The address that WENCE_STORE names: milvus+http://[USER:PASSWORD@]HOST:PORT[/NAME] or milvus+file:PATH.db.

    Raises ConfigError for anything else.
    """
    wrong = ConfigError(
        "WENCE_STORE 应是 milvus+http://主机:19530[/集合名] 或 milvus+file:路径.db；请改正或取消这个环境变量"
    )
    if not _ADDRESS.fullmatch(setting):
        raise wrong
    rest = setting.removeprefix("milvus+")
    if rest.startswith("file:"):
        return Address(uri=str(Path(rest.removeprefix("file:")).expanduser()), name=NAME)
    try:
        parts = urlsplit(rest)
        port = parts.port or 19530
    except ValueError:
        raise wrong from None
    name = parts.path.strip("/") or NAME
    if not parts.hostname or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
        raise wrong
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    uri = f"{parts.scheme}://{host}:{port}"
    return Address(uri=uri, name=name, user=parts.username or "", password=parts.password or "")


@contextmanager
def answering(address: Address) -> Iterator[None]:
    """Turn what Milvus and the connection to it raise into one clear line."""
    from grpc import RpcError  # type: ignore[import-untyped]
    from pymilvus.exceptions import MilvusException  # type: ignore[import-untyped]

    try:
        yield
    except (MilvusException, RpcError, OSError) as error:
        reason = " ".join(str(getattr(error, "message", error)).split())[:200]
        if address.lite:
            text = f"Milvus Lite 出错：{address.uri}（{reason}）；它一次只能由一个进程使用，别的进程正用着就先结束它"
        else:
            text = (
                f"Milvus 没有应答：{address.uri}（{reason}）；请确认服务已启动、地址正确，或取消 WENCE_STORE 用本机索引"
            )
        raise SnapshotError(text) from error


def connect(address: Address) -> Any:
    """A `pymilvus.MilvusClient`. Raises ConfigError without pymilvus, SnapshotError when nothing answers."""
    try:
        from pymilvus import MilvusClient  # type: ignore[import-untyped]

        if address.lite:
            import milvus_lite  # type: ignore[import-untyped]  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"WENCE_STORE 需要扩展包（{error.name}）；请运行 pip install 'wence[milvus]'，或取消这个环境变量"
        ) from error
    for name in ("pymilvus", "milvus_lite", *(("grpc._server",) if address.lite else ())):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they report is raised as well
    with answering(address):
        if address.lite:
            Path(address.uri).parent.mkdir(parents=True, exist_ok=True)
        return MilvusClient(uri=address.uri, user=address.user, password=address.password, timeout=_CONNECT)


class Passages:
    """One collection of passages in Milvus."""

    def __init__(self, address: Address, client: Any, name: str) -> None:
        """`name` need not exist yet."""
        self._address, self._client, self._name = address, client, name

    def make(self, dimension: int) -> None:
        """Make the collection where there is none, and whatever of it is missing."""
        from pymilvus import MilvusClient

        indexes = MilvusClient.prepare_index_params()
        indexes.add_index("vector", index_type="AUTOINDEX", metric_type="IP")  # which kind, the server's settings say
        bm25 = {"bm25_k1": 1.2, "bm25_b": 0.75}
        indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=bm25)
        for scalar in ("key", "region"):
            indexes.add_index(scalar, index_type="INVERTED")
        with answering(self._address):
            if not self._client.has_collection(self._name, timeout=_SECONDS):
                self._client.create_collection(self._name, schema=self._schema(dimension), timeout=_SECONDS)
            if len(self._client.list_indexes(self._name)) < len(indexes):
                self._client.create_index(self._name, indexes, timeout=_SECONDS, sync=False)
        self.load()

    def load(self) -> bool:
        """Have the collection ready for searches, as a server that was stopped may not have it; whether it is there."""
        from pymilvus.client.types import LoadState  # type: ignore[import-untyped]

        with answering(self._address):
            if not self._client.has_collection(self._name, timeout=_SECONDS):
                return False
            if self._client.get_load_state(self._name, timeout=_SECONDS)["state"] != LoadState.Loaded:
                self._client.load_collection(self._name, timeout=10 * _SECONDS)
            return True

    def _schema(self, dimension: int) -> Any:
        from pymilvus import DataType, Function, FunctionType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
        schema.add_field("key", DataType.VARCHAR, max_length=_KEY)
        schema.add_field("region", DataType.VARCHAR, max_length=512)
        for number in ("first_year", "last_year", "first_day", "last_day"):
            schema.add_field(number, DataType.INT32)
        # The tokens are ours, parted by blanks. Lite has no tokenizer for blanks; its standard one takes \w+.
        analyzer = {"tokenizer": "standard" if self._address.lite else "whitespace"}
        text: dict[str, Any] = {"enable_analyzer": True, "analyzer_params": analyzer, "mmap_enabled": True}
        schema.add_field("tokens", DataType.VARCHAR, max_length=65_535, **text)  # never read again: kept off memory
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        sides = {"input_field_names": ["tokens"], "output_field_names": ["sparse"]}
        schema.add_function(Function(name="bm25", function_type=FunctionType.BM25, **sides))
        return schema

    def held(self, keys: Sequence[str]) -> set[str]:
        """Those of `keys` whose documents are there as a whole: their first passages are put in last."""
        if not keys:
            return set()
        with answering(self._address):
            ids = [f"{key}:0" for key in keys]
            found = self._client.get(self._name, ids=ids, output_fields=["id"], timeout=_SECONDS)
            return {row["id"].partition(":")[0] for row in found}

    def put(self, passages: Sequence[Mapping[str, Any]]) -> None:
        """Insert or replace passages."""
        if passages:
            with answering(self._address):
                self._client.upsert(self._name, list(passages), timeout=_SECONDS)

    def take_out(self, ids: Sequence[str]) -> None:
        """Delete passages; those that are not there do no harm."""
        for at in range(0, len(ids), _MOST):
            with answering(self._address):
                self._client.delete(self._name, ids=list(ids[at : at + _MOST]), timeout=_SECONDS)

    def settle(self) -> None:
        """Have what was put in written out: searches are slow before."""
        with answering(self._address):
            self._client.flush(self._name, timeout=10 * _SECONDS)

    def count(self) -> int:
        """How many passages there are, every change so far included."""
        with answering(self._address):
            [found] = self._client.query(
                self._name,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=_SECONDS,
            )
            return int(found["count(*)"])

    def ids(self) -> Iterator[str]:
        """The id of every passage, in no order: a look at all of them."""
        with answering(self._address):
            rows = self._client.query_iterator(
                self._name, batch_size=_MOST, filter='id != ""', output_fields=["id"], consistency_level="Strong"
            )
            try:
                while found := rows.next():
                    yield from (str(row["id"]) for row in found)
            finally:
                rows.close()

    def vectors(self, ids: Sequence[str]) -> dict[str, Sequence[float]]:
        """The vectors of those of `ids` that are there."""
        if not ids:
            return {}
        with answering(self._address):
            found = self._client.get(self._name, ids=list(ids), output_fields=["vector"], timeout=_SECONDS)
            return {row["id"]: row["vector"] for row in found}

    def near(self, text: str, vector: Floats | None, limit: int, where: str) -> list[str]:
        """Ids by BM25 with `text`, by inner product with `vector`, or both, fused by their ranks; best first."""
        from pymilvus import AnnSearchRequest, RRFRanker

        limit = min(limit, _MOST)
        requests: list[dict[str, Any]] = []
        if vector is not None:
            dense = {"metric_type": "IP", "params": {"ef": max(128, limit)}}
            requests.append({"data": [vector], "anns_field": "vector", "param": dense})
        if text:
            requests.append({"data": [text], "anns_field": "sparse", "param": {"metric_type": "BM25"}})
        if not requests:
            return []
        with answering(self._address):
            if len(requests) == 1:
                [one] = requests
                found = self._client.search(
                    self._name,
                    data=one["data"],
                    anns_field=one["anns_field"],
                    search_params=one["param"],
                    limit=limit,
                    filter=where,
                    output_fields=["id"],
                    timeout=_SECONDS,
                )
            else:
                both = [AnnSearchRequest(**one, limit=limit, expr=where) for one in requests]
                found = self._client.hybrid_search(
                    self._name, both, RRFRanker(), limit=2 * limit, output_fields=["id"], timeout=_SECONDS
                )
        return [str(hit["id"]) for hit in found[0]]


class MilvusStore:
    """A `Store` over Milvus, with the counts of a snapshot's ledger."""

    def __init__(
        self,
        passages: Passages,
        ledger: Ledger,
        catalogue: Catalogue,
        encode: Callable[[Sequence[str]], Floats],
        close: Callable[[], None],
    ) -> None:
        """`catalogue` is that of the ledger's snapshot, `encode` its embedding; `close` lets go of the connection."""
        self._passages, self._ledger, self._catalogue = passages, ledger, catalogue
        self._encode, self._close = encode, close
        self._entries = catalogue.entries()

    @property
    def count(self) -> int:
        """See `Store.count`."""
        return self._ledger.count

    def candidates(self, tokens: Tokens, vector: Floats | None, limit: int, within: Filter | None = None) -> set[int]:
        """See `Store.candidates`: one hybrid query."""
        where = self._where(within) if within is not None else ""
        if where is None:
            return set()
        if vector is not None and not vector.any():
            vector = None
        return set(self._rows(self._passages.near(query_text(tokens), vector, limit, where)))

    def matching(self, tokens: Tokens, limit: int) -> list[int]:
        """See `Store.matching`."""
        return self._rows(self._passages.near(query_text(tokens), None, limit, ""))

    def scores(self, tokens: Tokens, rows: Sequence[int]) -> dict[int, float]:
        """See `Store.scores`."""
        weights = tokens if isinstance(tokens, Mapping) else Counter(tokens)
        return self._ledger.scores(weights, rows, self._catalogue) if rows else {}

    def cosines(self, vector: Floats, rows: Sequence[int]) -> dict[int, float]:
        """See `Store.cosines`. A passage that a newer snapshot has taken out of Milvus is embedded here."""
        ids = [f"{key}:{at}" for key, at in self._ledger.places(rows)]
        found = self._passages.vectors(ids)
        gone = [row for row, one in zip(rows, ids, strict=True) if one not in found]
        texts = {row: text for row, _, text in self._catalogue.tokens_at(gone)} if gone else {}
        again = dict(zip(gone, self._encode([texts[row] for row in gone]), strict=True)) if gone else {}
        vectors = [again[row] if row in again else found[one] for row, one in zip(rows, ids, strict=True)]
        if not vectors:
            return {}
        products = np.array(vectors, dtype=np.float32) @ vector
        return dict(zip(rows, products.tolist(), strict=True))

    def holding(self, tokens: Iterable[str]) -> dict[str, int]:
        """See `Store.holding`."""
        return self._ledger.holding(tokens)

    def close(self) -> None:
        """See `Store.close`."""
        self._ledger.close()
        self._close()

    def _rows(self, ids: Sequence[str]) -> list[int]:
        """The rows of ids, those of other snapshots left out."""
        places = [(key, int(at)) for key, _, at in (one.partition(":") for one in ids)]
        firsts = self._ledger.firsts(key for key, _ in places) if places else {}
        return [firsts[key] + at for key, at in places if key in firsts]

    def _where(self, within: Filter) -> str | None:
        """A filter as Milvus reads it, `None` when nothing can fit."""
        parts: list[str] = []
        if within.docs is not None:
            firsts = (self._entries[number] for number in sorted(within.docs))
            keys = self._ledger.keys(entry.first_chunk for entry in firsts if entry.chunk_count)
            if not keys:
                return None
            parts.append(f"key in {json.dumps(keys)}")
        if within.regions is not None:
            if not within.regions:
                return None
            parts.append(f"region in {json.dumps(sorted(within.regions), ensure_ascii=False)}")
        if within.years is not None:
            years = (f"(first_year <= {year} and last_year >= {year})" for year in sorted(within.years))
            parts.append(f"({' or '.join(years)})")
        if within.day is not None:
            parts.append(f"first_day <= {within.day} and last_day >= {within.day}")
        return " and ".join(parts)


def open_store(
    address: Address, ledger_file: Path, catalogue: Catalogue, encode: Callable[[Sequence[str]], Floats]
) -> MilvusStore:
    """The store of a snapshot. Raises SnapshotError when Milvus or the collection is not there."""
    ledger = Ledger(ledger_file)
    client = connect(address)
    passages = Passages(address, client, ledger.collection)
    if not passages.load():
        ledger.close()
        client.close()
        raise SnapshotError(
            f"Milvus 里没有集合 {ledger.collection}：{address.uri}；请重新运行 wence build，段落会再送进去"
        )
    return MilvusStore(passages, ledger, catalogue, encode, client.close)


def stored_count(address: Address, ledger_file: Path) -> int:
    """How many passages Milvus holds of the index with this ledger. Raises SnapshotError as `open_store` does."""
    with closing(Ledger(ledger_file)) as ledger, closing(connect(address)) as client:
        passages = Passages(address, client, ledger.collection)
        return passages.count() if passages.load() else 0


def stored_tokens(tokens: Iterable[str]) -> str:
    """Tokens as they are stored and asked for, parted by blanks: what is neither letter nor digit becomes `_`."""
    text = " ".join(_token(token) for token in tokens)
    data = text.encode()
    return text if len(data) <= _LONGEST else data[:_LONGEST].decode(errors="ignore").rpartition(" ")[0]


def query_text(tokens: Tokens) -> str:
    """Tokens as a query: each as often as it weighs, in quarters, and once at least."""
    weights = tokens if isinstance(tokens, Mapping) else Counter(tokens)
    repeated = (token for token, weight in weights.items() for _ in range(max(1, round(_STEPS * weight))))
    return stored_tokens(repeated)


def document_key(*parts: str) -> str:
    """The key of a document that is stored as `parts` say."""
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:_KEY]


def _token(token: str) -> str:
    return re.sub(r"\W", "_", token)
