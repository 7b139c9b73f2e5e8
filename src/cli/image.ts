/** `gorae image …`: the image store that all nodes of all clusters share. */

import type { Command } from 'commander'

import { UserError } from '../base/user-error.ts'
import type { CommandContext } from './context.ts'
import { formatProgress, formatSize, table } from './print/table.ts'

export function imageCommand(program: Command, context: CommandContext): void {
  const { operations, home, print, ui } = context
  const image = program.command('image').description('the images that every cluster has, network or not')
  image
    .command('load')
    .description('take in the images of archives (docker save, OCI; also gzipped)')
    .argument('<file...>', 'archives')
    .action(async (files: readonly string[]) => {
      for (const file of files) {
        const names = await ui.step(`Loading ${file}`, (detail) =>
          operations.loadImages(home, file, (read, size) => detail(formatProgress(read, size))),
        )
        for (const name of names) print(`${name}\n`)
      }
    })
  image
    .command('ls')
    .description('list the images')
    .action(async () => {
      const images = await operations.listImages(home)
      const rows = images.map(({ name, digest, size }) => [name, digest.slice('sha256:'.length, 19), formatSize(size)])
      print(table(['NAME', 'DIGEST', 'SIZE'], rows))
    })
  image
    .command('rm')
    .description('remove images by name')
    .argument('<name...>', 'images')
    .action(async (names: readonly string[]) => {
      for (const name of names) {
        if (!(await operations.removeImage(home, name)))
          throw new UserError(`there is no image ${name}`, 'see what there is: gorae image ls')
        print(`removed ${name}\n`)
      }
    })
  image
    .command('make')
    .description('make an image from programs of this machine, with their libraries')
    .argument('<name>', 'the image, such as busybox or registry.example/tools:1')
    .requiredOption('--from-binary <path...>', 'programs; a busybox brings links for all it can do')
    .option('--cmd <word...>', 'what a container runs when its Pod does not say')
    .action(async (name: string, flags: { fromBinary: readonly string[]; cmd?: readonly string[] }) => {
      print(`${await operations.makeImage(home, name, flags.fromBinary, flags.cmd)}\n`)
    })
}

/**
 * Lets the words after `--cmd` of `image make` begin with a dash, as in `--cmd catatonit -P`: all of them up to the next
 * `--from-binary` belong to the command.
 */
export function keepCommandWords(args: readonly string[]): string[] {
  const start = args.indexOf('--cmd')
  if (args[0] !== 'image' || args[1] !== 'make' || start === -1) return [...args]
  const rest = args.slice(start + 1)
  const end = rest.indexOf('--from-binary')
  const words = end === -1 ? rest : rest.slice(0, end)
  return [...args.slice(0, start), ...words.map((word) => `--cmd=${word}`), ...rest.slice(words.length)]
}
