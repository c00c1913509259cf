package dev.weir.cli.text;

import java.util.Locale;

/** Formats enumerations of the contract as they are typed on the command line. Stateless. */
public final class EnumText {
  private EnumText() {}

  /** The name without its prefix, such as {@code drop-oldest}; as it is where it is unknown. */
  public static String words(String prefix, Enum<?> value) {
    String name = value.name();
    return name.startsWith(prefix)
        ? name.substring(prefix.length()).toLowerCase(Locale.ROOT).replace('_', '-')
        : name;
  }
}
