/** Two ends of a connection in memory, for tests. */
import { Duplex } from 'node:stream'

/** What is written to one end is read from the other; ending one ends reading at the other. */
export function memoryPair(): [Duplex, Duplex] {
  const ends: [Duplex, Duplex] = [end(() => ends[1]), end(() => ends[0])]
  return ends
}

function end(other: () => Duplex): Duplex {
  let resume: (() => void) | undefined
  const duplex: Duplex & { wake?: () => void } = new Duplex({
    read() {
      const waiting = (other() as { waiting?: () => void }).waiting
      waiting?.()
    },
    write(chunk: Buffer, _, done) {
      if (other().destroyed) return done(new Error('the other end is gone'))
      if (other().push(Buffer.from(chunk))) return done()
      resume = () => {
        resume = undefined
        done()
      }
    },
    final(done) {
      if (!other().destroyed) other().push(null)
      done()
    },
    destroy(error, done) {
      resume?.()
      if (!other().destroyed && !other().readableEnded && !duplex.writableFinished) other().push(null)
      done(error)
    },
  })
  Object.defineProperty(duplex, 'waiting', { get: () => resume })
  return duplex
}
