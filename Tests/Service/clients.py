"""`m2fp serve` as a process, and clients of all kinds, for the scripts beside this file."""
import asyncio
import base64
import json
import pathlib
import random
import re
import struct
import subprocess
import tempfile
import time
import zlib

top = pathlib.Path(__file__).resolve().parent.parent.parent


class Service:
    """A process of `m2fp serve`, with a free port unless one is named."""

    def __init__(self, *flags, port=0):
        self.log = tempfile.NamedTemporaryFile('w+', suffix='.log')
        self.process = subprocess.Popen(
            [top / '.build/release/m2fp', 'serve', '--port', str(port), '--log-level', 'notice', *flags], stderr=self.log)
        for _ in range(400):
            found = re.search(r'http://127\.0\.0\.1:(\d+)', pathlib.Path(self.log.name).read_text())
            if found:
                self.port = int(found.group(1))
                return
            time.sleep(0.05)
        raise SystemExit(pathlib.Path(self.log.name).read_text())

    def usage(self):
        """Resident memory in MB, and open descriptors."""
        process = pathlib.Path(f'/proc/{self.process.pid}')
        resident = re.search(r'VmRSS:\s+(\d+)', (process / 'status').read_text())
        return int(resident.group(1)) / 1024, len(list((process / 'fd').iterdir()))

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)


def png(number, width=96, height=64):
    """A picture of stripes, another one for each number."""
    row = b'\0' + bytes((number * 7 + 3 * x) % 256 for x in range(3 * width))
    chunk = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(row * height)) + chunk(b'IEND', b'')


def request(line, body=b'', *fields, length=None, version='HTTP/1.1'):
    head = [f'{line} {version}', 'Host: soak', *fields]
    if body or length is not None:
        head.append(f'Content-Length: {len(body) if length is None else length}')
    return '\r\n'.join(head).encode() + b'\r\n\r\n' + body


async def answer(reader):
    """The status of the next response, whose body is read; None where the connection was closed before it."""
    while True:
        head = await reader.readuntil(b'\r\n\r\n')
        status = int(head.split(b' ', 2)[1])
        if status >= 200:
            break
    length = re.search(rb'content-length: (\d+)', head, re.I)
    if length:
        await reader.readexactly(int(length.group(1)))
    elif re.search(rb'transfer-encoding: chunked', head, re.I):
        while True:
            size = int((await reader.readuntil(b'\r\n')).strip() or b'0', 16)
            await reader.readexactly(size + 2)
            if size == 0:
                break
    return status


class Clients:
    """What each kind of client does on a connection of its own, and the statuses that it may get."""

    def __init__(self, port, seed):
        self.port, self.random = port, random.Random(seed)

    async def exchange(self, data, expected, *, pieces=None, end=False, closes=False, answers=1):
        reader, writer = await asyncio.open_connection('127.0.0.1', self.port, limit=1 << 26)
        try:
            for piece in pieces or [data]:
                writer.write(piece)
                await writer.drain()
                if pieces:
                    await asyncio.sleep(0.02)
            if end:
                writer.write_eof()
            for _ in range(answers):
                status = await asyncio.wait_for(answer(reader), 60)
                if status not in expected:
                    return f'{status} for one of {sorted(expected)}'
            if closes and await asyncio.wait_for(reader.read(1), 10) != b'':
                return 'more than the response'
            return None
        finally:
            writer.close()

    def picture(self):
        # A few that are asked for again and again, and one in twelve that is new.
        return png(self.random.randrange(1 << 20) if self.random.random() < 1 / 12 else self.random.randrange(8))

    async def raw(self):
        path = self.random.choice(['/api/parse', '/api/masks', '/api/parse?palette=lip', '/api/parse?people=1'])
        return await self.exchange(request(f'POST {path}', self.picture(), 'Content-Type: image/png'), {200, 503})

    async def as_png(self):
        output = self.random.choice(['labels', 'color', 'cutout', 'overlay'])
        return await self.exchange(
            request(f'POST /api/parse?output={output}', self.picture(), 'Content-Type: image/png', 'Accept: image/png'),
            {200, 503})

    async def as_json(self):
        body = json.dumps({'image': base64.b64encode(self.picture()).decode()}).encode()
        return await self.exchange(request('POST /api/parse', body, 'Content-Type: application/json'), {200, 503})

    async def as_form(self):
        body = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + self.picture() + b'\r\n--b--\r\n'
        return await self.exchange(
            request('POST /api/parse', body, 'Content-Type: multipart/form-data; boundary=b'), {200, 503})

    async def in_chunks(self):
        body = self.picture()
        chunks = b''.join(b'%x\r\n%s\r\n' % (len(body[i:i + 50]), body[i:i + 50]) for i in range(0, len(body), 50))
        return await self.exchange(
            request('POST /api/parse', b'', 'Content-Type: image/png', 'Transfer-Encoding: chunked') + chunks
            + b'0\r\n\r\n', {200, 503})

    async def pages(self):
        path = self.random.choice(['/', '/api/labels', '/api/health', '/api/ready', '/metrics', '/openapi.yaml'])
        return await self.exchange(request(f'GET {path}'), {200})

    async def pipelined(self):
        return await self.exchange(request('GET /api/labels') * 4, {200}, answers=4)

    async def slow(self):
        data = request('POST /api/masks', self.picture(), 'Content-Type: image/png')
        step = max(len(data) // 8, 1)
        return await self.exchange(None, {200, 503}, pieces=[data[i:i + step] for i in range(0, len(data), step)])

    async def half_closed(self):
        return await self.exchange(
            request('POST /api/parse', self.picture(), 'Content-Type: image/png'), {200, 503}, end=True, closes=True)

    async def old(self):
        return await self.exchange(request('GET /api/labels', version='HTTP/1.0'), {200}, closes=True)

    async def upgrading(self):
        return await self.exchange(
            request('GET /api/labels', b'', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AA'),
            {200}, closes=True)

    async def bad(self):
        data, expected = self.random.choice([
            (request('POST /api/parse', b'{', 'Content-Type: application/json'), {400}),
            (request('POST /api/parse', b'{"image": "?"}', 'Content-Type: application/json'), {400}),
            (request('POST /api/parse', b'no picture', 'Content-Type: image/png'), {400}),
            (request('POST /api/parse', self.picture()[:-30], 'Content-Type: image/png'), {400}),
            (request('POST /api/parse', b'x', 'Content-Type: text/plain'), {415}),
            (request('POST /api/parse?palette=neon', self.picture(), 'Content-Type: image/png'), {400}),
            (request('GET /nowhere'), {404}), (request('DELETE /api/parse'), {405}),
            (request('POST /api/parse', b'', 'Content-Type: image/png', length=1 << 40), {413}),
            (request('GET /', b'', *[f'X-{i}: y' for i in range(200)]), {400, 431}),
            (b'nonsense\r\n\r\n', {400}), (request('GET /api/labels', b'', 'Accept: text/html'), {200, 406}),
        ])
        return await self.exchange(data, expected)

    async def cut(self):
        data = request('POST /api/parse', self.picture(), 'Content-Type: image/png')
        _, writer = await asyncio.open_connection('127.0.0.1', self.port)
        writer.write(data[:self.random.randrange(1, len(data))])
        await writer.drain()
        writer.close()

    async def gone(self):
        """Leaves once everything is sent, without waiting for the response."""
        _, writer = await asyncio.open_connection('127.0.0.1', self.port)
        writer.write(request('POST /api/parse', self.picture(), 'Content-Type: image/png'))
        await writer.drain()
        writer.transport.abort()

    kinds = ['raw'] * 5 + ['as_png', 'as_json', 'as_form', 'in_chunks', 'slow', 'half_closed'] * 2 + ['pages'] * 6 + [
        'pipelined', 'old', 'upgrading', 'cut', 'gone'] * 2 + ['bad'] * 8
