-- Items whose values do not fit a key template: a file of theirs could not be recognised, so its absence proves nothing.
CREATE TEMP TABLE unfit AS
SELECT DISTINCT item_no FROM ({unfit}) AS every
