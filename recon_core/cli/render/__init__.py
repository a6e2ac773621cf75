"""Results as blocks (headings, lines, tables), shown on a terminal, in a pipe, as Markdown or as JSON."""
