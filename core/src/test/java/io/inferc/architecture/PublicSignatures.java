package io.inferc.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.JavaTypeVariable;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Checks what the public and protected parts of public classes name, generic arguments included.
 */
final class PublicSignatures extends ArchCondition<JavaClass> {

  private final PackageTable table;

  PublicSignatures(PackageTable table) {
    super("name only types of the JDK and public types of their own in what users see");
    this.table = table;
  }

  @Override
  public void check(JavaClass owner, ConditionEvents events) {
    if (!isSeenByUsers(owner)) {
      return;
    }
    report(owner, owner.getName(), ofDeclaration(owner), events);
    for (JavaMember member : owner.getMembers()) {
      if (isOpen(member.getModifiers())
          && !member.getModifiers().contains(JavaModifier.SYNTHETIC)) {
        report(owner, member.getFullName(), ofMember(member), events);
      }
    }
  }

  private void report(
      JavaClass owner, String where, Stream<? extends JavaType> named, ConditionEvents events) {
    Collection<String> foreign = new TreeSet<>();
    named
        .flatMap(type -> type.getAllInvolvedRawTypes().stream())
        .map(JavaClass::getBaseComponentType)
        .filter(type -> !isAllowed(type))
        .forEach(type -> foreign.add(type.getName()));
    if (!foreign.isEmpty()) {
      events.add(
          SimpleConditionEvent.violated(
              owner,
              where
                  + " shows "
                  + foreign
                  + " to users: take or return a type of the JDK or a"
                  + " public one of inferc instead"));
    }
  }

  private static Stream<JavaType> ofDeclaration(JavaClass owner) {
    return Stream.of(
            owner.getSuperclass().stream(),
            owner.getInterfaces().stream(),
            boundsOf(owner.getTypeParameters()))
        .flatMap(part -> part);
  }

  private static Stream<JavaType> ofMember(JavaMember member) {
    if (member instanceof JavaField field) {
      return Stream.of(field.getType());
    }
    JavaCodeUnit unit = (JavaCodeUnit) member;
    return Stream.of(
            Stream.of(unit.getReturnType()),
            unit.getParameterTypes().stream(),
            unit.getExceptionTypes().stream(),
            boundsOf(unit.getTypeParameters()))
        .flatMap(part -> part);
  }

  private static Stream<JavaType> boundsOf(
      Collection<? extends JavaTypeVariable<?>> typeParameters) {
    return typeParameters.stream().flatMap(parameter -> parameter.getUpperBounds().stream());
  }

  private boolean isAllowed(JavaClass type) {
    String name = type.getPackageName();
    return type.isPrimitive()
        || name.startsWith("java.")
        // In java.base, unlike most of javax.
        || name.startsWith("javax.net.")
        || ((name + ".").startsWith(table.root() + ".") && !isHidden(type));
  }

  private boolean isSeenByUsers(JavaClass type) {
    if (isHidden(type)) {
      return false;
    }
    Optional<JavaClass> enclosing = type.getEnclosingClass();
    return isOpen(type.getModifiers()) && (enclosing.isEmpty() || isSeenByUsers(enclosing.get()));
  }

  private boolean isHidden(JavaClass type) {
    return (type.getPackageName() + ".").contains(".internal.") || table.isClosed(type);
  }

  private static boolean isOpen(Collection<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }
}
