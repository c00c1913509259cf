package dev.weir.cli.text;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;

/**
 * The escapes of a JSON line that a terminal or a script reads: those of JSON, and besides them
 * DEL, which is a control character of terminals, and the line and paragraph separators, at which
 * some readers cut a line in two. Immutable.
 */
final class TerminalJsonEscapes extends CharacterEscapes {
  private static final long serialVersionUID = 1L;

  private static final char LINE_SEPARATOR = '\u2028';
  private static final char PARAGRAPH_SEPARATOR = '\u2029';

  private final int[] ascii = standardAsciiEscapesForJSON();

  TerminalJsonEscapes() {
    ascii['\b'] = ESCAPE_STANDARD;
    ascii['\f'] = ESCAPE_STANDARD;
    ascii[0x7f] = ESCAPE_STANDARD;
  }

  @Override
  public int[] getEscapeCodesForAscii() {
    return ascii;
  }

  @Override
  public SerializableString getEscapeSequence(int c) {
    return c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR
        ? new SerializedString(String.format("\\u%04x", c))
        : null;
  }
}
