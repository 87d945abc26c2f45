// Package gen holds the generators of the assembly in the parent folder, one program per
// generated file. It is a module of its own so that users of the library do not depend on avo.
package gen
