/**
 * Errors as values: the one list of reasons and the fault that carries one. Immutable; depends on
 * the JDK only. docs/errors.md is generated from here.
 */
package dev.weir.service.core.fault;
