/**
 * What is wrong with a YAML text in the words in which Kubernetes tells it, which are those of Go's YAML library: clients and
 * people look for them (https://pkg.go.dev/sigs.k8s.io/yaml).
 */

import { demandDocument } from './grammar.ts'
import { YamlFault } from './text.ts'
import { Tokens } from './tokens.ts'

/** Characters are judged as they are read, so many at a time. */
const CHUNK = 512
/** What no YAML may have. */
const CONTROLS = /[^\t\n\r\x20-\x7e\x85\u00a0-\ud7ff\ud800-\udfff\ue000-\ufffd]/

/** `line 3: did not find expected key`; undefined where nothing is found to be wrong. It takes as long as the text is. */
export function explainFault(text: string): string | undefined {
  const sound = text.startsWith('\ufeff') ? text.slice(1) : text
  const control = CONTROLS.exec(sound)?.index ?? -1
  // What is behind it is not read at all.
  const readable = control < 0 ? sound : sound.slice(0, control - (control % CHUNK))
  const fault = faultOf(readable)
  if (control >= 0 && (fault === undefined || readable === '')) return 'control characters are not allowed'
  if (fault === undefined) return undefined
  return fault.line === undefined ? fault.message : `line ${fault.line}: ${fault.message}`
}

function faultOf(text: string): YamlFault | undefined {
  try {
    demandDocument(new Tokens(text))
    return undefined
  } catch (error) {
    if (error instanceof YamlFault) return error
    throw error
  }
}
