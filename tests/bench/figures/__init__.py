"""The figures, in the order of the table: each module's `measure(folder)` returns entries of summary.json."""
