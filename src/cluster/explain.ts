/** Failures of the machine as sentences that say what to do. */

import { UserError } from '../base/user-error.ts'

/** Failures of the file system and the network, as sentences. Others are handed on as they are. */
export function explain(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const { code, path } = error as NodeJS.ErrnoException
  const where = path === undefined ? '' : ` (${path})`
  switch (code) {
    case 'ENOSPC':
      return new UserError(`${doing} failed: the disk is full${where}`, 'make room, then try again', { cause: error })
    case 'EDQUOT':
      return new UserError(`${doing} failed: the disk quota is used up${where}`, 'make room, then try again', {
        cause: error,
      })
    case 'EROFS':
      return new UserError(
        `${doing} failed: the file system is read-only${where}`,
        'set GORAE_HOME to another folder',
        {
          cause: error,
        },
      )
    case 'EACCES':
    case 'EPERM':
      return new UserError(
        `${doing} failed: permission denied${where}`,
        'use sudo, or set GORAE_HOME to a folder of yours',
        {
          cause: error,
        },
      )
    case 'ENOTDIR':
      return new UserError(
        `${doing} failed: a file is where a folder should be${where}`,
        'move it away, or set GORAE_HOME',
        {
          cause: error,
        },
      )
    default:
      return error
  }
}
