/** What failed with a file, in the words that Kubernetes tells users. */

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  EEXIST: 'file exists',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left on device',
}

/** Rethrows as e.g. `open /x: no such file or directory`; what has no such words is rethrown as it is. */
export const failedTo =
  (what: 'open' | 'mkdir', target: string) =>
  (error: NodeJS.ErrnoException): never => {
    const words = WORDS[error.code ?? '']
    throw words === undefined ? error : new Error(`${what} ${target}: ${words}`, { cause: error })
  }
