/** The command line as a whole. Names and flags are a contract with scripts and documents. */

import { Command } from 'commander'

import type { CommandContext } from './context.ts'
import { daemonCommands } from './daemons.ts'
import { doctorCommand } from './doctor.ts'
import { downCommand } from './down.ts'
import { imageCommand } from './image.ts'
import { logsCommand } from './logs.ts'
import { kubeconfigCommand, statusCommand, versionCommand } from './status.ts'
import { upCommand } from './up.ts'

/** Every command, in the order of the help. */
const COMMANDS = [
  upCommand,
  downCommand,
  statusCommand,
  kubeconfigCommand,
  imageCommand,
  logsCommand,
  doctorCommand,
  versionCommand,
  daemonCommands,
]

export function createProgram(context: CommandContext): Command {
  const program = new Command('gorae')
    .description('Kubernetes on this machine: clusters of real containers, driven by kubectl')
    .version(context.version, '-V, --version')
    .showHelpAfterError('(see: gorae --help)')
    .showSuggestionAfterError()
  for (const add of COMMANDS) add(program, context)
  for (const command of program.commands) pointToHelp(command, 'gorae')
  return program
}

/** After a wrong flag each command names its own help. */
function pointToHelp(command: Command, parent: string): void {
  const name = `${parent} ${command.name()}`
  command.showHelpAfterError(`(see: ${name} --help)`)
  for (const inner of command.commands) pointToHelp(inner, name)
}
