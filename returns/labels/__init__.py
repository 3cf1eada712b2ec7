"""The shop's own parcel label as PDF, ZPL and QR image: data in, bytes out."""
