"""How much a photo from a stranger may cost, and how large its clean copy is."""

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 12_000
MAX_SCANS = 100
# Every scan goes over every pixel again: 16 scans of the largest picture, 66 of a 12 megapixel one.
MAX_SCANNED_PIXELS = 16 * MAX_PIXELS
MEMORY = 256 * 1024 * 1024
CPU_SECONDS = 3
TIMEOUT_SECONDS = 10
ANSWER_BYTES = 8 * 1024 * 1024
IMAGE_SIDE, THUMBNAIL_SIDE = 2400, 480
