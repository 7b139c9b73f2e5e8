/** `gorae doctor`: can this machine run a cluster, and what is missing? */

import type { Command } from 'commander'

import { UserError } from '../base/user-error.ts'
import type { CommandContext } from './context.ts'

const MARKS = { ok: '✓', missing: '✗', warning: '!' } as const

export function doctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('look whether this machine can run clusters')
    .option('--fix', 'install what is missing')
    .option('-y, --yes', 'do not ask before installing')
    .action(async (flags: { fix?: true; yes?: true }) => {
      const { operations, ui, print, signal } = context
      const diagnosis = await operations.diagnose()
      for (const { name, state, detail, advice } of diagnosis.findings)
        print(`${MARKS[state]} ${name}: ${detail}${advice === undefined ? '' : `\n    ${advice}`}\n`)
      const isFixable = diagnosis.packages.length > 0
      if (flags.fix === true && isFixable) {
        const question = `Install ${diagnosis.packages.join(' ')}?`
        if (flags.yes !== true && !(await context.confirm(question, true))) return
        await operations.install(diagnosis, ui, signal)
        return
      }
      if (diagnosis.findings.every(({ state }) => state !== 'missing')) {
        print('This machine can run clusters.\n')
        return
      }
      throw new UserError(
        'this machine cannot run clusters yet',
        isFixable ? 'install what is missing with: gorae doctor --fix' : 'see the lines marked ✗ above',
      )
    })
}
