package dev.weir.cli.text;

import dev.weir.v1.Reading;

/** Texts and values for a terminal. Stateless. */
public final class TerminalText {
  private TerminalText() {}

  /** Texts come from anywhere: no line ends or terminal controls of theirs reach the terminal. */
  public static String text(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> printable.appendCodePoint(Character.isISOControl(c) ? 0xfffd : c));
    return printable.toString();
  }

  /** The value of a reading; a blob by its length. */
  public static String value(Reading reading) {
    return switch (reading.getValueCase()) {
      case DOUBLE -> Double.toString(reading.getDouble());
      case INTEGER -> Long.toString(reading.getInteger());
      case BOOLEAN -> Boolean.toString(reading.getBoolean());
      case TEXT -> text(reading.getText());
      case BLOB -> reading.getBlob().size() + " bytes";
      case VALUE_NOT_SET -> throw new IllegalArgumentException("a reading without a value");
    };
  }
}
