"""The operator's full-screen page, served by the station itself (docs/kiosk.md)."""
