/**
 * HTTP connections that are kept: undici's pools and agents, and nothing else of it. Its own entry loads `fetch` as well,
 * and with that Node's, which is a tenth of a cold start (https://undici.nodejs.org/#/docs/api/Dispatcher).
 */

import api from 'undici/lib/api/index.js'
import Agent from 'undici/lib/dispatcher/agent.js'
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
import Pool from 'undici/lib/dispatcher/pool.js'

// What undici's entry does: dispatchers get their methods.
Object.assign(Dispatcher.prototype, api)

export { Agent, Pool }
