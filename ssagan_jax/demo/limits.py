"""How much one visitor, and all together, may ask of the machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What the demo allows. Times are in seconds, sizes in bytes or pixels.

    Attributes:
      body: of one upload, photo and mask together.
      pixels: of a photo before it is reduced.
      side: of a clip, the long one, in pixels.
      upload_seconds: from the head of a request to the end of its body.
      head_seconds: a connection that sends no whole request head for as long is closed (it takes
        twice as long at most).
      response_seconds: from the head of a request until its answer is taken; then the connection is
        closed, since a reader may have stopped (it takes two ``head_seconds`` longer at most).
      device_seconds: likewise, of what devices fetch to make clips themselves, which may be large.
      job_seconds: of work on one clip.
      memory: of the process that makes clips, the model included; where the system tells it
        (Linux).
      waiting: clips in the queue, the one at work included.
      waiting_each: likewise, of one address.
      uploads: bodies read at the same time.
      uploads_each: likewise, of one address.
      orders_a_minute: uploads begun by one address.
      requests_a_minute: of one address, of any kind.
      connections: open at the same time.
      connections_each: likewise, of one address.
      away: a clip that nobody asks after for so long is given up while it waits or is made.
      kept: a finished clip that nobody asks after for so long is deleted.
      kept_at_most: a finished clip is deleted then, whoever looks at it.
      finished: clips kept; the oldest go first.
      finished_each: likewise, of one address.
    """

    body: int = 16 * 2**20
    pixels: int = 50_000_000
    side: int = 1280
    upload_seconds: int | float = 60
    head_seconds: int | float = 10
    response_seconds: int | float = 120
    device_seconds: int | float = 900
    job_seconds: int | float = 300
    memory: int = 6 * 2**30
    waiting: int = 16
    waiting_each: int = 3
    uploads: int = 8
    uploads_each: int = 2
    orders_a_minute: int = 10
    requests_a_minute: int = 600
    connections: int = 256
    connections_each: int = 32
    away: int | float = 30
    kept: int | float = 600
    kept_at_most: int | float = 1800
    finished: int = 64
    finished_each: int = 6
