/**
 * Ends the program silently when the reader of its output has closed the pipe, as `gatehouse … | head -1` does. A
 * command that handles SIGTERM, such as `up`, stops in order.
 */
export function endWithReader(out: NodeJS.WriteStream): void {
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
    else process.exit();
  });
}
