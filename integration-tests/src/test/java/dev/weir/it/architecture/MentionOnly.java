package dev.weir.it.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * That what others can see of a class (supertypes, members that are public or protected, with their
 * type arguments and exceptions) is of some packages. A name that ends with a dot stands for all
 * packages below it. Immutable.
 */
final class MentionOnly extends ArchCondition<JavaClass> {
  private final List<String> packages;

  MentionOnly(String... packages) {
    super("mention only types of " + List.of(packages));
    this.packages = List.of(packages);
  }

  @Override
  public void check(JavaClass type, ConditionEvents events) {
    if (!visible(type.getModifiers())) {
      return;
    }
    Set<JavaType> supertypes = new HashSet<>(type.getInterfaces());
    type.getSuperclass().ifPresent(supertypes::add);
    supertypes.forEach(supertype -> check(type, type.getName(), supertype, events));
    for (JavaMember member : type.getMembers()) {
      if (visible(member.getModifiers())) {
        mentioned(member).forEach(used -> check(type, member.getFullName(), used, events));
      }
    }
  }

  private static boolean visible(Set<JavaModifier> modifiers) {
    return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
        && !modifiers.contains(JavaModifier.SYNTHETIC);
  }

  private static Set<JavaType> mentioned(JavaMember member) {
    Set<JavaType> used = new HashSet<>();
    if (member instanceof JavaField field) {
      used.add(field.getType());
    } else if (member instanceof JavaCodeUnit unit) {
      used.add(unit.getReturnType());
      used.addAll(unit.getParameterTypes());
      used.addAll(unit.getExceptionTypes());
    }
    return used;
  }

  private void check(JavaClass type, String where, JavaType used, ConditionEvents events) {
    for (JavaClass raw : used.getAllInvolvedRawTypes()) {
      JavaClass element = raw.isArray() ? raw.getBaseComponentType() : raw;
      if (!element.isPrimitive() && !allowed(element.getPackageName())) {
        events.add(SimpleConditionEvent.violated(type, where + " mentions " + element.getName()));
      }
    }
  }

  private boolean allowed(String name) {
    return packages.stream().anyMatch(p -> p.endsWith(".") ? name.startsWith(p) : name.equals(p));
  }
}
