package dev.weir.service.log.segment.file;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.DataFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Writes a file from its beginning on in pieces of {@value #PIECE_BYTES} bytes; the first bytes,
 * which are not known before the end, come last. What fits one piece is one write.
 */
@OwnedBy("its maker")
public final class ChunkedFileOutput extends OutputStream {
  private static final int PIECE_BYTES = 1 << 16;

  private final DataFile file;
  private final byte[] piece = new byte[PIECE_BYTES];
  private int filled;
  private long written;

  /**
   * Begins behind a header.
   *
   * @param header shorter than a piece; what it holds does not matter yet
   */
  public ChunkedFileOutput(DataFile file, byte[] header) {
    this.file = file;
    filled = header.length;
  }

  /** Bytes so far, with the header. */
  public long position() {
    return written + filled;
  }

  @Override
  public void write(int one) throws IOException {
    if (filled == PIECE_BYTES) {
      writePiece();
    }
    piece[filled++] = (byte) one;
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      if (filled == PIECE_BYTES) {
        writePiece();
      }
      int fits = Math.min(left, PIECE_BYTES - filled);
      System.arraycopy(from, at, piece, filled, fits);
      filled += fits;
      at += fits;
      left -= fits;
    }
  }

  /** Writes what is left, and the header. */
  public void end(byte[] header) throws IOException {
    if (written == 0) {
      System.arraycopy(header, 0, piece, 0, header.length);
      writePiece();
    } else {
      writePiece();
      file.write(ByteBuffer.wrap(header), 0);
    }
  }

  private void writePiece() throws IOException {
    file.write(ByteBuffer.wrap(piece, 0, filled), written);
    written += filled;
    filled = 0;
  }
}
