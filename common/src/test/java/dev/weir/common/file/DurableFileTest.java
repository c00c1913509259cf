package dev.weir.common.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failed sync is told apart from one that could not be tried, whatever fails behind it. */
final class DurableFileTest {
  private final FaultyDisk disk = new FaultyDisk();
  @TempDir private Path dir;

  /** A disk that notes what is synced, and fails as it is told. */
  private static final class FaultyDisk extends ForwardingDataFiles {
    private final List<Path> synced = new ArrayList<>();
    private IOException directorySyncFault;
    private IOException syncFault;
    private IOException closeFault;

    FaultyDisk() {
      super(new NioDataFiles());
    }

    private static void failIf(IOException fault) throws IOException {
      if (fault != null) {
        throw fault;
      }
    }

    @Override
    public DataFile open(Path path) throws IOException {
      return new ForwardingDataFile(disk.open(path)) {
        @Override
        public void sync(boolean metadata) throws IOException {
          failIf(syncFault);
          synced.add(path);
        }

        @Override
        public void close() throws IOException {
          file.close();
          failIf(closeFault);
        }
      };
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      failIf(directorySyncFault);
      synced.add(directory);
    }
  }

  private DataFile create(String name) throws IOException {
    return DurableFile.create(disk, dir.resolve(name), ByteBuffer.wrap(new byte[] {1, 2, 3}));
  }

  @Test
  void madeFile_isSyncedBeforeItsName_andReplacesWhatHadIt() throws IOException {
    Path path = Files.write(dir.resolve("made"), new byte[10]);
    create("made").close();
    assertThat(path).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(disk.synced).containsExactly(path, dir);
  }

  @Test
  void madeFile_hasANewName_alsoWhereAnEarlierTryLeftOne() throws IOException {
    Path path = Files.write(dir.resolve("made"), new byte[10]);
    try (FileChannel left = FileChannel.open(path)) {
      create("made").close();
      assertThat(left.size()).as("the file of the earlier try").isEqualTo(10);
    }
  }

  @Test
  void failedSync_staysOne_whereTheFileCannotBeClosedEither() {
    disk.syncFault = new IOException("sync");
    disk.closeFault = new IOException("close");
    assertThatThrownBy(() -> create("made"))
        .isInstanceOf(SyncFailedException.class)
        .hasCause(disk.syncFault)
        .hasSuppressedException(disk.closeFault);
  }

  @Test
  void failedSyncOfTheDirectory_isOne_whateverTheDiskCallsIt() {
    disk.directorySyncFault = new IOException("sync");
    assertThatThrownBy(() -> create("made"))
        .isInstanceOf(SyncFailedException.class)
        .hasCause(disk.directorySyncFault);
  }

  @Test
  void directorySyncThatCouldNotBeTried_isNoFailedSync() throws IOException {
    disk.directorySyncFault = new TooManyFilesException("too many", null);
    assertThatThrownBy(() -> create("made")).isSameAs(disk.directorySyncFault);
    disk.directorySyncFault = null;
    create("made").close();
    assertThat(dir.resolve("made")).hasBinaryContent(new byte[] {1, 2, 3});
  }

  @Test
  void partWrittenAgain_isTheSameAndSynced() throws IOException {
    byte[] bytes = new byte[3 << 20];
    bytes[bytes.length - 2] = 7;
    Path path = Files.write(dir.resolve("old"), bytes);
    try (DataFile file = disk.open(path)) {
      DurableFile.renew(path, file, 1, bytes.length);
    }
    assertThat(path).hasBinaryContent(bytes);
    assertThat(disk.synced).containsExactly(path);
  }

  @Test
  void fileShorterThanThePartToWriteAgain_isRefused() throws IOException {
    Path path = Files.write(dir.resolve("old"), new byte[10]);
    try (DataFile file = disk.open(path)) {
      assertThatThrownBy(() -> DurableFile.renew(path, file, 0, 11))
          .hasMessageContaining("became shorter");
    }
    assertThat(disk.synced).isEmpty();
  }
}
