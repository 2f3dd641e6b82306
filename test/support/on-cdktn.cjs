// Preloaded: whoever asks for the engine gets its successor, the provider packages included.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, /^cdktf(\/|$)/.test(request) ? request.replace(/^cdktf/, 'cdktn') : request, ...rest);
};
