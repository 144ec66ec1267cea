"""Files of touchpoints into the record: one slice a format, one way through.

A file becomes a `Table` (delimited, json_lines, parquet, xes), a `Mapping` says which column is what, staging turns the
table into rows with times and message ids, loading puts them into the record, and what cannot be read stands in a
rejects file. `run.import_file` is the verb.
"""
