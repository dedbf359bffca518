import type { GenericFilehandle } from 'generic-filehandle2';
import { BlobFile } from 'generic-filehandle2';

/**
 * A file whose parts are read by position: a file on disk (`openFile`), or in browsers the `BlobFile` and `RemoteFile` of
 * generic-filehandle2. At the end of the file `read` gives fewer bytes than were asked for.
 */
export type RandomAccess = GenericFilehandle;

/** Bytes in memory as a file. */
export const inMemory = (bytes: Uint8Array): RandomAccess => new BlobFile(new Blob([Uint8Array.from(bytes)]));
