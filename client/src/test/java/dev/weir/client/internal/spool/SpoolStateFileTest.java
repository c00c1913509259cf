package dev.weir.client.internal.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.internal.spool.SpoolState.Accepted;
import dev.weir.client.internal.spool.SpoolState.Anchor;
import dev.weir.client.internal.spool.SpoolState.Loss;
import dev.weir.client.internal.spool.SpoolState.LostRange;
import dev.weir.client.internal.spool.SpoolState.Opener;
import dev.weir.client.internal.spool.SpoolState.Part;
import dev.weir.common.file.Checksum;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The bytes of a spool's state. */
class SpoolStateFileTest {
  private static final int VERSION_AT = 8;
  private static final int GONE_BYTES = 4 + 25;
  private static final int OPENER_AT = VERSION_AT + 1 + 5 + 5 + 20 + 8;
  private static final int OPENER_BYTES = 16;

  @Test
  void state_isReadAsItWasWritten() throws IOException {
    SpoolState state = state(List.of(new Part(7, 1, 0)), List.of(new Part(8, 0, 100)));
    assertThat(SpoolStateFile.read(SpoolStateFile.write(state))).isEqualTo(state);
  }

  @Test
  void stateOfVersion2_isReadAsOneThatNobodyHasOpened() throws IOException {
    SpoolState state =
        state(new Opener(0, 0), List.of(new Part(7, 1, 0)), List.of(new Part(8, 0, 100)));
    byte[] old = withoutOpener(SpoolStateFile.write(state));
    assertThat(SpoolStateFile.read(checked(old, 2))).isEqualTo(state);
  }

  private static byte[] withoutOpener(byte[] bytes) {
    ByteArrayOutputStream old = new ByteArrayOutputStream();
    old.write(bytes, 0, OPENER_AT);
    int behind = OPENER_AT + OPENER_BYTES;
    old.write(bytes, behind, bytes.length - behind);
    return old.toByteArray();
  }

  @Test
  void stateOfVersion1_isReadAsOneWithoutCuts() throws IOException {
    SpoolState state = state(new Opener(0, 0), List.of(new Part(7, 1, 0)), List.of());
    byte[] bytes = withoutOpener(SpoolStateFile.write(state));
    int gone = bytes.length - GONE_BYTES;
    int cuts = gone - 4;
    ByteArrayOutputStream old = new ByteArrayOutputStream();
    old.write(bytes, 0, cuts - 4); // without `from` of the last excluded part, and without cuts
    old.write(bytes, gone, GONE_BYTES);
    assertThat(SpoolStateFile.read(checked(old.toByteArray(), 1))).isEqualTo(state);
  }

  @Test
  void stateOfALaterVersion_isRefusedWithWhatToDo() throws IOException {
    byte[] bytes = SpoolStateFile.write(state(List.of(), List.of()));
    assertThatThrownBy(() -> SpoolStateFile.read(checked(bytes, 4)))
        .hasMessageContaining("version 4 and needs a newer Weir client");
  }

  @Test
  void stateThatTheDiskHasNoRoomFor_leavesNothingBehind() throws IOException {
    Path directory = Path.of("/spool");
    FakeDisk disk = new FakeDisk(new Random(1));
    SpoolStateFile file = new SpoolStateFile(disk, directory);
    disk.free(10);
    assertThatThrownBy(() -> file.save(state(List.of(), List.of())))
        .isInstanceOf(IOException.class);
    assertThat(disk.paths()).isEmpty();
  }

  private static byte[] checked(byte[] bytes, int version) {
    byte[] checked = bytes.clone();
    checked[VERSION_AT] = (byte) version;
    int checksum = Checksum.of(checked, VERSION_AT, checked.length - VERSION_AT);
    ByteBuffer.wrap(checked).putInt(4, checksum);
    return checked;
  }

  private static SpoolState state(List<Part> excluded, List<Part> cuts) {
    return state(new Opener(-3, 4), excluded, cuts);
  }

  private static SpoolState state(Opener opener, List<Part> excluded, List<Part> cuts) {
    return new SpoolState(
        "t",
        "p",
        "0123456789abcdef",
        5,
        opener,
        new Accepted(9, 900, "here", 3),
        600,
        8,
        2,
        10,
        11,
        List.of(new Anchor(7, 70), new Anchor(8, 80)),
        excluded,
        cuts,
        List.of(new LostRange(9, 9, 100, Loss.DROPPED)));
  }
}
