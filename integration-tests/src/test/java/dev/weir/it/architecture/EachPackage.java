package dev.weir.it.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Arrays;

/** Each package below some is a slice of its own, whatever packages lie within it. */
final class EachPackage implements SliceAssignment {
  private final String[] prefixes;

  EachPackage(String... prefixes) {
    this.prefixes = prefixes;
  }

  @Override
  public SliceIdentifier getIdentifierOf(JavaClass type) {
    String name = type.getPackageName();
    return Arrays.stream(prefixes).anyMatch(name::startsWith)
        ? SliceIdentifier.of(name)
        : SliceIdentifier.ignore();
  }

  @Override
  public String getDescription() {
    return "each package of " + String.join(", ", prefixes);
  }
}
