"""Writes the Parquet files of this folder: every type of column that pyarrow and DuckDB write.

    pip install pyarrow==26.0.1 duckdb==2.0.1
    python tests/suite/reading/parquet/write.py

Every file holds the items S1 to S6. A column's name begins with what its cells are to the reader:
n_ numbers, d_ days, c_ codes, x_ what no table can use. The values of each are the same in all files,
as far as the type can hold them; the last row has none.
"""

import datetime as dt
import decimal
import pathlib
import uuid

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

decimal.getcontext().prec = 80
HERE = pathlib.Path(__file__).parent
SKUS = [f"S{n}" for n in range(1, 7)]
WHOLE = [0, 1, 3, 100, 127, None]
UNSIGNED = {8: 200, 16: 60_000, 32: 4_000_000_000, 64: 900_000_000_000}
PARTS = [0.0, 1.25, 3.5, 100.0, 12.75, None]
CODES = ["001", "A-1", "青い傘", "x y", "-", None]
NUMBERED = [0, 1, 49, 100, 127, None]
# A quarter past midnight, 08:00, noon, 23:59:59 and midnight of 2026-08-01 to 2026-08-05.
TIMES = [(0, 15, 0), (8, 0, 0), (12, 0, 0), (23, 59, 59), (0, 0, 0)]
STAMPS = [dt.datetime(2026, 8, day, *time) for day, time in enumerate(TIMES, 1)] + [None]
DAYS = [s and s.date() for s in STAMPS]


def decimals(places):
    exact = decimal.Decimal(1).scaleb(-places)
    return [None if x is None else decimal.Decimal(x).quantize(exact) for x in PARTS]


def local(zone):
    """The stamps as clocks in the zone show them."""
    array = pa.array(STAMPS, pa.timestamp("us"))
    return pc.assume_timezone(array, zone)


def pyarrow_columns():
    numbers = {}
    for bits in (8, 16, 32, 64):
        numbers[f"n_int{bits}"] = pa.array(WHOLE, getattr(pa, f"int{bits}")())
        top = [*WHOLE[:4], UNSIGNED[bits], None]
        numbers[f"n_uint{bits}"] = pa.array(top, getattr(pa, f"uint{bits}")())
        kind = getattr(pa, f"float{bits}", None)
        if kind:
            numbers[f"n_float{bits}"] = pa.array(PARTS, kind())
    for kind in (
        pa.decimal32(9, 2), pa.decimal64(18, 4), pa.decimal128(5, 2), pa.decimal128(18, 4),
        pa.decimal128(38, 10), pa.decimal256(76, 40),
    ):
        name = f"n_{kind}".replace("(", "_").replace(", ", "_").replace(")", "")
        numbers[name] = pa.array(decimals(kind.scale), kind)
    numbers["n_negative_int8"] = pa.array([-5] * 6, pa.int8())
    numbers["n_negative_decimal"] = pa.array([decimal.Decimal("-1.25")] * 6, pa.decimal128(30, 2))
    numbers["n_dictionary_int64"] = pa.array(WHOLE, pa.int64()).dictionary_encode()
    numbers["n_dictionary_float64"] = pa.array(PARTS, pa.float64()).dictionary_encode()
    numbers["n_string"] = pa.array(["0", "1", "3", "１００", "¥127", None])
    numbers["n_null"] = pa.nulls(6)

    days = {
        "d_date32": pa.array(DAYS, pa.date32()),
        "d_date64": pa.array(DAYS, pa.date64()),
        "d_string": pa.array([s and s.isoformat(" ") for s in STAMPS]),
        "d_int32": pa.array([d and int(d.strftime("%Y%m%d")) for d in DAYS], pa.int32()),
        "d_dictionary": pa.array([d and str(d) for d in DAYS]).dictionary_encode(),
        "d_dictionary_date32": pa.array(DAYS, pa.date32()).dictionary_encode(),
    }
    for unit in ("s", "ms", "us", "ns"):
        days[f"d_{unit}"] = pa.array(STAMPS, pa.timestamp(unit))
        days[f"d_{unit}_tokyo"] = local("Asia/Tokyo").cast(pa.timestamp(unit, "Asia/Tokyo"))
    days["d_us_utc"] = local("UTC")
    days["d_us_new_york"] = local("America/New_York")
    days["d_us_offset"] = local("Asia/Kolkata").cast(pa.timestamp("us", "+05:30"))
    days["d_dictionary_us_tokyo"] = local("Asia/Tokyo").dictionary_encode()

    codes = {
        "c_string": pa.array(CODES),
        "c_large_string": pa.array(CODES, pa.large_string()),
        "c_string_view": pa.array(CODES, pa.string_view()),
        "c_dictionary": pa.array(CODES).dictionary_encode(),
        "c_dictionary_large": pa.array(CODES, pa.large_string()).dictionary_encode(),
        "c_bool": pa.array([False, True, True, False, True, None]),
        "c_float64": pa.array([n if n is None else float(n) for n in NUMBERED], pa.float64()),
        "c_decimal": pa.array([None if n is None else decimal.Decimal(n) for n in NUMBERED], pa.decimal128(13, 0)),
        "c_uint64_top": pa.array([2**64 - 1] * 5 + [None], pa.uint64()),
        "c_uuid": pa.array([uuid.UUID(int=n).bytes for n in range(1, 6)] + [None], pa.uuid()),
    }
    for bits in (8, 16, 32, 64):
        codes[f"c_int{bits}"] = pa.array(NUMBERED, getattr(pa, f"int{bits}")())
        codes[f"c_uint{bits}"] = pa.array(NUMBERED, getattr(pa, f"uint{bits}")())
    for key in (pa.int8(), pa.uint8(), pa.uint32(), pa.int64()):
        column = pa.array(CODES).dictionary_encode().cast(pa.dictionary(key, pa.string()))
        codes[f"c_dictionary_{key}"] = column

    unusable = {
        "x_time32": pa.array([dt.time(8)] * 6, pa.time32("s")),
        "x_time64": pa.array([dt.time(8)] * 6, pa.time64("us")),
        "x_duration": pa.array([dt.timedelta(days=3)] * 6, pa.duration("ns")),
        "x_binary": pa.array([b"\xff\x00"] * 6, pa.binary()),
        "x_fixed_size_binary": pa.array([b"abcde"] * 6, pa.binary(5)),
        "x_list": pa.array([[1, 2]] * 6),
        "x_large_list": pa.array([["a"]] * 6, pa.large_list(pa.string())),
        "x_struct": pa.array([{"a": 1}] * 6),
        "x_map": pa.array([[("a", 1)]] * 6, pa.map_(pa.string(), pa.int64())),
        "x_zone": pa.array([0] * 6, pa.timestamp("us", "Mars/Olympus")),
    }
    return {"sku": pa.array(SKUS), **numbers, **days, **codes, **unusable}


def write_pyarrow():
    columns = pyarrow_columns()
    table = pa.table(columns)
    pq.write_table(table, HERE / "pyarrow.parquet")
    # As Spark and pandas may ask for it: older stamps, decimals as integers, two row groups, no schema of Arrow's.
    flat = table.select([c for c in columns if not c.startswith("x_")])
    pq.write_table(
        flat,
        HERE / "pyarrow_old.parquet",
        version="1.0",
        use_deprecated_int96_timestamps=True,
        store_decimal_as_integer=True,
        store_schema=False,
        row_group_size=4,
        compression="gzip",
    )
    # Every encoding that is not the usual one.
    encodings = {}
    for name, column in columns.items():
        kind = column.type
        if name.startswith("x_") or pa.types.is_dictionary(kind) or pa.types.is_null(kind):
            continue
        if pa.types.is_integer(kind) or pa.types.is_temporal(kind):
            encodings[name] = "DELTA_BINARY_PACKED"
        elif pa.types.is_float16(kind) or pa.types.is_decimal(kind) or name == "c_uuid":
            encodings[name] = "PLAIN"
        elif pa.types.is_floating(kind):
            encodings[name] = "BYTE_STREAM_SPLIT"
        elif pa.types.is_boolean(kind):
            encodings[name] = "RLE"
        else:
            encodings[name] = "DELTA_BYTE_ARRAY" if len(name) % 2 else "DELTA_LENGTH_BYTE_ARRAY"
    # Only when asked for: bytes of a fixed length, split.
    encodings["x_split"] = "BYTE_STREAM_SPLIT"
    encoded = table.append_column("x_split", columns["c_decimal"]).select(list(encodings))
    pq.write_table(
        encoded,
        HERE / "pyarrow_encoded.parquet",
        use_dictionary=False,
        column_encoding=encodings,
        data_page_version="2.0",
        compression="zstd",
    )
    few = table.select(["sku", "n_decimal128_38_10", "d_us_tokyo", "c_string"])
    for compression in ("none", "snappy", "brotli", "lz4"):
        pq.write_table(few, HERE / f"pyarrow_{compression}.parquet", compression=compression)


DUCKDB = """
SELECT
    sku,
    whole::TINYINT AS n_tinyint, whole::SMALLINT AS n_smallint, whole::INTEGER AS n_integer, whole::BIGINT AS n_bigint,
    whole::HUGEINT AS n_hugeint, whole::UHUGEINT AS n_uhugeint,
    whole::UTINYINT AS n_utinyint, whole::USMALLINT AS n_usmallint, whole::UINTEGER AS n_uinteger, whole::UBIGINT AS n_ubigint,
    parts::FLOAT AS n_float, parts::DOUBLE AS n_double,
    parts::DECIMAL(4, 0) AS n_decimal_4_0,
    parts::DECIMAL(5, 2) AS n_decimal_5_2, parts::DECIMAL(9, 4) AS n_decimal_9_4, parts::DECIMAL(18, 4) AS n_decimal_18_4,
    parts::DECIMAL(38, 10) AS n_decimal_38_10,
    whole::VARCHAR AS n_varchar,
    stamp::DATE AS d_date, stamp::TIMESTAMP AS d_timestamp, stamp::TIMESTAMP_S AS d_timestamp_s,
    stamp::TIMESTAMP_MS AS d_timestamp_ms, stamp::TIMESTAMP_NS AS d_timestamp_ns,
    stamp::VARCHAR AS d_varchar,
    timezone('UTC', stamp) AS d_timestamptz_utc,
    timezone('Asia/Tokyo', stamp) AS d_timestamptz_tokyo,
    code AS c_varchar, code::code AS c_enum,
    numbered::TINYINT AS c_tinyint, numbered::UBIGINT AS c_ubigint, numbered::DECIMAL(13, 0) AS c_decimal,
    numbered::DOUBLE AS c_double, identity AS c_uuid,
    TIME '08:00:00' AS x_time, TIMETZ '08:00:00+09' AS x_timetz, INTERVAL 3 DAY AS x_interval, '\\xFF'::BLOB AS x_blob,
    [1, 2] AS x_list, {'a': 1} AS x_struct, MAP {'a': 1} AS x_map
FROM items ORDER BY sku
"""


def write_duckdb():
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'")
    names = ", ".join(f"'{c}'" for c in CODES if c)
    base.execute(f"CREATE TYPE code AS ENUM ({names})")
    base.execute(
        "CREATE TABLE items (sku VARCHAR, whole INTEGER, parts DOUBLE, stamp TIMESTAMP, code VARCHAR, numbered INTEGER, identity UUID)"
    )
    identities = [uuid.UUID(int=n) for n in range(1, 6)] + [None]
    rows = zip(SKUS, WHOLE, PARTS, STAMPS, CODES, NUMBERED, identities)
    base.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)", list(rows))
    base.execute(f"COPY ({DUCKDB}) TO '{HERE}/duckdb.parquet' (FORMAT parquet)")
    base.execute(f"COPY ({DUCKDB}) TO '{HERE}/duckdb_v2.parquet' (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd)")


if __name__ == "__main__":
    write_pyarrow()
    write_duckdb()
