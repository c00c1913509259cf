package dev.weir.client.internal.spool;

import dev.weir.client.WeirException;
import dev.weir.common.file.Checksum;
import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DurableFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a spool's state, replaced as a whole: docs/formats-spool.md. Owned by the spool
 * thread.
 *
 * <p>Beside it lies a reserve that is given up where the disk is full: what is stored can be
 * deleted only behind a new state, so that a disk without room for one would stay full for ever.
 */
final class SpoolStateFile {
  static final String NAME = "state";
  private static final String NEW_NAME = "state.tmp";
  private static final String RESERVE_NAME = "reserve";
  private static final int RESERVE_BYTES = 64 * 1024;
  private static final int MAGIC = 0x57525353; // WRSS
  private static final int CHECKED_FROM = 8;
  private static final byte VERSION = 3;

  /** The first with an opener. */
  private static final byte OPENER_VERSION = 3;

  /** The first with cuts. */
  private static final byte CUTS_VERSION = 2;

  private static final byte OLDEST_VERSION = 1;

  private static final Logger LOG = LoggerFactory.getLogger(SpoolStateFile.class);

  private final DataFiles files;
  private final Path directory;

  SpoolStateFile(DataFiles files, Path directory) {
    this.files = files;
    this.directory = directory;
  }

  /** Makes the state durable. */
  void save(SpoolState state) throws IOException {
    byte[] bytes = write(state);
    try {
      replace(bytes);
    } catch (IOException e) {
      LOG.debug("the reserve in {} makes room for the state", directory, e);
      files.delete(directory.resolve(RESERVE_NAME));
      replace(bytes);
    }
    reserve();
  }

  private void replace(byte[] bytes) throws IOException {
    DurableFile.replace(
        files,
        directory.resolve(NAME),
        directory.resolve(NEW_NAME),
        file -> file.write(ByteBuffer.wrap(bytes), 0));
  }

  /** Keeps as much as there is room for, up to the whole. */
  private void reserve() {
    try (DataFile file = files.open(directory.resolve(RESERVE_NAME))) {
      long size = file.size();
      if (size < RESERVE_BYTES) {
        byte[] noise = new byte[Math.toIntExact(RESERVE_BYTES - size)]; // not to be compressed
        new SplittableRandom(size).nextBytes(noise);
        file.write(ByteBuffer.wrap(noise), size);
        file.sync(true);
      }
    } catch (IOException e) {
      LOG.debug("the reserve in {} is not whole: the disk is full", directory, e);
    }
  }

  /**
   * The state of a spool, which is made where the directory is empty.
   *
   * @throws WeirException where it cannot be used, or is of another publisher
   */
  SpoolState loadOrMake(SpoolSettings settings) throws IOException {
    List<String> names = files.list(directory);
    if (!names.contains(NAME)) {
      if (names.stream().anyMatch(SpoolSegments::isSegment)) {
        throw SpoolErrors.unusable(directory, "its file \"state\" is missing");
      }
      SpoolState fresh =
          SpoolState.fresh(settings.topic(), settings.producer(), settings.newInstance());
      save(fresh);
      return fresh;
    }
    SpoolState state;
    try {
      state = load();
    } catch (IOException e) {
      throw SpoolErrors.unusable(directory, "its file \"state\": " + e.getMessage());
    }
    if (!state.topic().equals(settings.topic()) || !state.producer().equals(settings.producer())) {
      throw SpoolErrors.ofAnother(directory, state.topic(), state.producer());
    }
    return state;
  }

  /**
   * The state, which must be there.
   *
   * @throws IOException where it is damaged or of another version; the message says so
   */
  SpoolState load() throws IOException {
    try (DataFile file = files.openForReading(directory.resolve(NAME))) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.read(bytes, 0);
      return read(bytes.array());
    }
  }

  static byte[] write(SpoolState state) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeInt(0);
      out.writeByte(VERSION);
      text(out, state.topic());
      text(out, state.producer());
      text(out, state.logId());
      out.writeLong(state.epoch());
      out.writeLong(state.opener().instance());
      out.writeLong(state.opener().starts());
      out.writeLong(state.accepted().frames());
      out.writeLong(state.accepted().readings());
      text(out, state.accepted().position());
      out.writeLong(state.accepted().behindPosition());
      out.writeLong(state.settledReadings());
      out.writeLong(state.sendLimit());
      out.writeInt(state.keys());
      out.writeLong(state.droppedReadings());
      out.writeLong(state.damagedReadings());
      out.writeInt(state.anchors().size());
      for (SpoolState.Anchor anchor : state.anchors()) {
        out.writeLong(anchor.frame());
        out.writeLong(anchor.sequence());
      }
      parts(out, state.excluded());
      parts(out, state.cuts());
      out.writeInt(state.gone().size());
      for (SpoolState.LostRange gone : state.gone()) {
        out.writeLong(gone.from());
        out.writeLong(gone.through());
        out.writeLong(gone.readings());
        out.writeByte(gone.loss().code());
      }
    }
    byte[] written = bytes.toByteArray();
    int checksum = Checksum.of(written, CHECKED_FROM, written.length - CHECKED_FROM);
    ByteBuffer.wrap(written).putInt(4, checksum);
    return written;
  }

  static SpoolState read(byte[] bytes) throws IOException {
    ByteBuffer head = ByteBuffer.wrap(bytes);
    if (bytes.length <= CHECKED_FROM
        || head.getInt(0) != MAGIC
        || head.getInt(4) != Checksum.of(bytes, CHECKED_FROM, bytes.length - CHECKED_FROM)) {
      throw new IOException("its checksum is wrong");
    }
    byte version = bytes[CHECKED_FROM];
    if (version < OLDEST_VERSION || version > VERSION) {
      throw new IOException("it has version " + version + " and needs a newer Weir client");
    }
    boolean opens = version >= OPENER_VERSION;
    boolean cut = version >= CUTS_VERSION;
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      in.skipNBytes(CHECKED_FROM + 1);
      return new SpoolState(
          text(in),
          text(in),
          text(in),
          in.readLong(),
          new SpoolState.Opener(opens ? in.readLong() : 0, opens ? in.readLong() : 0),
          new SpoolState.Accepted(in.readLong(), in.readLong(), text(in), in.readLong()),
          in.readLong(),
          in.readLong(),
          in.readInt(),
          in.readLong(),
          in.readLong(),
          list(in, () -> new SpoolState.Anchor(in.readLong(), in.readLong())),
          parts(in, cut),
          cut ? parts(in, true) : List.of(),
          list(
              in,
              () ->
                  new SpoolState.LostRange(
                      in.readLong(),
                      in.readLong(),
                      in.readLong(),
                      SpoolState.Loss.of(in.readByte()))));
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  private static void parts(DataOutputStream out, List<SpoolState.Part> parts) throws IOException {
    out.writeInt(parts.size());
    for (SpoolState.Part part : parts) {
      out.writeLong(part.frame());
      out.writeInt(part.partition());
      out.writeInt(part.from());
    }
  }

  private static List<SpoolState.Part> parts(DataInputStream in, boolean cut) throws IOException {
    return list(in, () -> new SpoolState.Part(in.readLong(), in.readInt(), cut ? in.readInt() : 0));
  }

  /** Reads one entry of a list. */
  private interface Entry<T> {
    T read() throws IOException;
  }

  private static <T> List<T> list(DataInputStream in, Entry<T> entry) throws IOException {
    int count = in.readInt();
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(entry.read());
    }
    return List.copyOf(list);
  }
}
