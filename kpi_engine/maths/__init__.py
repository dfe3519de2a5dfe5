"""Pure numbers: status, variation, comparison, intervals. Nothing here fetches."""
