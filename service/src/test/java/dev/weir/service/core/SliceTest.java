package dev.weir.service.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SliceTest {
  private final byte[] bytes = {0, 1, 2, 3, 4, 5};

  @Test
  void part_sharesTheArray() {
    Slice part = new Slice(bytes, 1, 4).part(1, 2);
    assertThat(part.array()).isSameAs(bytes);
    assertThat(part.toBytes()).containsExactly(2, 3);
    assertThat(part.end()).isEqualTo(4);
  }

  @Test
  void buffer_holdsTheRangeAndRefusesWrites() {
    ByteBuffer buffer = new Slice(bytes, 2, 3).buffer();
    assertThat(buffer.remaining()).isEqualTo(3);
    assertThat(buffer.get()).isEqualTo((byte) 2);
    assertThat(buffer.isReadOnly()).isTrue();
  }

  @Test
  void equalBytesInOtherArrays_areEqual() {
    Slice one = new Slice(bytes, 2, 2);
    assertThat(one)
        .isEqualTo(Slice.of(new byte[] {2, 3}))
        .hasSameHashCodeAs(Slice.of(new byte[] {2, 3}));
    assertThat(one).isNotEqualTo(Slice.of(new byte[] {2, 4}));
  }

  @Test
  void rangeOutsideTheArray_isRefused() {
    assertThatThrownBy(() -> new Slice(bytes, 5, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new Slice(bytes, -1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new Slice(bytes, 2, Integer.MAX_VALUE))
        .isInstanceOf(IndexOutOfBoundsException.class);
    Slice slice = new Slice(bytes, 1, 4);
    assertThatThrownBy(() -> slice.part(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
