/**
 * The environment that all expressions of Kubernetes share
 * (https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries): the libraries
 * that an API server of this version lets new expressions use.
 */

import { type Environment, extend } from './environment.ts'
import { addresses } from './libraries/addresses.ts'
import { authorizer } from './libraries/authorizer.ts'
import { conversions } from './libraries/conversions.ts'
import { formats } from './libraries/formats.ts'
import { lists, moreLists, sets } from './libraries/lists.ts'
import { operators } from './libraries/operators.ts'
import { optionals } from './libraries/optionals.ts'
import { quantities } from './libraries/quantities.ts'
import { regex } from './libraries/regex.ts'
import { semvers } from './libraries/semver.ts'
import { strings } from './libraries/strings.ts'
import { texts } from './libraries/texts.ts'
import { twoVariables } from './libraries/two-variables.ts'
import { urls } from './libraries/urls.ts'
import { constants } from './validators.ts'

let made: Environment | undefined

/** Made when it is first asked for: a server that meets no expression pays nothing. */
export function kubernetesEnvironment(): Environment {
  made ??= extend(undefined, {
    libraries: [
      operators,
      conversions,
      texts,
      constants,
      optionals,
      strings,
      lists,
      moreLists,
      sets,
      regex,
      urls,
      quantities,
      addresses,
      formats,
      authorizer,
      semvers,
      twoVariables,
    ],
  })
  return made
}
