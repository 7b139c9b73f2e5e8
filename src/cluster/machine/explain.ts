/** Failures of the machine as sentences that say what to do. */

import { UserError } from '../../base/user-error.ts'

/** Failures of the file system and the network, as sentences. Others are handed on as they are. */
export function explain(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const { code, path, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string
    readonly port?: number
  }
  const found = FAULTS[code ?? '']
  if (found === undefined) return error
  const place = path ?? (port === undefined ? undefined : `${address ?? ''}:${port}`)
  const where = place === undefined ? '' : ` (${place})`
  return new UserError(`${doing} failed: ${found.what}${where}`, found.advice, { cause: error })
}

const FAULTS: Readonly<Record<string, { readonly what: string; readonly advice: string }>> = {
  ENOSPC: { what: 'the disk is full', advice: 'make room, then try again' },
  EDQUOT: { what: 'the disk quota is used up', advice: 'make room, then try again' },
  EROFS: {
    what: 'the file system is read-only',
    advice: 'make it writable (mount -o remount,rw), or set GORAE_HOME to another folder',
  },
  EACCES: { what: 'permission denied', advice: 'use sudo, or set GORAE_HOME to a folder of yours' },
  EPERM: { what: 'permission denied', advice: 'use sudo, or set GORAE_HOME to a folder of yours' },
  EEXIST: { what: 'a file is where a folder should be', advice: 'move it away, or set GORAE_HOME to another folder' },
  ENOTDIR: { what: 'a file is where a folder should be', advice: 'move it away, or set GORAE_HOME to another folder' },
  EADDRINUSE: {
    what: 'the port is taken',
    advice: 'end what listens there, or choose another for the API server with: gorae up --port PORT',
  },
}
