/** The one failure of a call that no server has stated. */

/** The server could not be reached, or the connection broke. Nothing is known of what it did. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}
