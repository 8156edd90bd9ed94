package io.inferc.common;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks public API that may change, or go, with any minor version: it works and is tested, but what
 * it looks like is not settled. On a package it marks all types in it, on a type all members.
 *
 * <p>A minor version may take the mark away, which makes the API stable; nothing that was released
 * without gets it later.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({
  ElementType.PACKAGE,
  ElementType.TYPE,
  ElementType.CONSTRUCTOR,
  ElementType.METHOD,
  ElementType.FIELD
})
public @interface Experimental {}
