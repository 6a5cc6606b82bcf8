/**
 * Node's HTTP module. An `import` of it reads all its members, among them `WebSocket`, for which Node loads another HTTP
 * client. This takes 35 ms and 12 MB.
 */
export const { Agent, createServer, request } = process.getBuiltinModule('node:http');
