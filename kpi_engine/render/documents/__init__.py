"""A month of the scorecard as a file: PDF, HTML, PowerPoint, Excel, CSV."""
