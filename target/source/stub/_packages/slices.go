package slices

import (
	"cmp"
	"iter"
)

func All[Slice ~[]E, E any](s Slice) iter.Seq2[int, E]                                   { panic(0) }
func AppendSeq[Slice ~[]E, E any](s Slice, seq iter.Seq[E]) Slice                        { panic(0) }
func Backward[Slice ~[]E, E any](s Slice) iter.Seq2[int, E]                              { panic(0) }
func BinarySearch[S ~[]E, E cmp.Ordered](x S, target E) (int, bool)                      { panic(0) }
func BinarySearchFunc[S ~[]E, E, T any](x S, target T, cmp func(E, T) int) (int, bool)   { panic(0) }
func Chunk[Slice ~[]E, E any](s Slice, n int) iter.Seq[Slice]                            { panic(0) }
func Clip[S ~[]E, E any](s S) S                                                          { panic(0) }
func Clone[S ~[]E, E any](s S) S                                                         { panic(0) }
func Collect[E any](seq iter.Seq[E]) []E                                                 { panic(0) }
func Compact[S ~[]E, E comparable](s S) S                                                { panic(0) }
func CompactFunc[S ~[]E, E any](s S, eq func(E, E) bool) S                               { panic(0) }
func Compare[S ~[]E, E cmp.Ordered](s1 S, s2 S) int                                      { panic(0) }
func CompareFunc[S1 ~[]E1, S2 ~[]E2, E1, E2 any](s1 S1, s2 S2, cmp func(E1, E2) int) int { panic(0) }
func Concat[S ~[]E, E any](slices ...S) S                                                { panic(0) }
func Contains[S ~[]E, E comparable](s S, v E) bool                                       { panic(0) }
func ContainsFunc[S ~[]E, E any](s S, f func(E) bool) bool                               { panic(0) }
func Delete[S ~[]E, E any](s S, i int, j int) S                                          { panic(0) }
func DeleteFunc[S ~[]E, E any](s S, del func(E) bool) S                                  { panic(0) }
func Equal[S ~[]E, E comparable](s1 S, s2 S) bool                                        { panic(0) }
func EqualFunc[S1 ~[]E1, S2 ~[]E2, E1, E2 any](s1 S1, s2 S2, eq func(E1, E2) bool) bool  { panic(0) }
func Grow[S ~[]E, E any](s S, n int) S                                                   { panic(0) }
func Index[S ~[]E, E comparable](s S, v E) int                                           { panic(0) }
func IndexFunc[S ~[]E, E any](s S, f func(E) bool) int                                   { panic(0) }
func Insert[S ~[]E, E any](s S, i int, v ...E) S                                         { panic(0) }
func IsSorted[S ~[]E, E cmp.Ordered](x S) bool                                           { panic(0) }
func IsSortedFunc[S ~[]E, E any](x S, cmp func(a E, b E) int) bool                       { panic(0) }
func Max[S ~[]E, E cmp.Ordered](x S) E                                                   { panic(0) }
func MaxFunc[S ~[]E, E any](x S, cmp func(a E, b E) int) E                               { panic(0) }
func Min[S ~[]E, E cmp.Ordered](x S) E                                                   { panic(0) }
func MinFunc[S ~[]E, E any](x S, cmp func(a E, b E) int) E                               { panic(0) }
func Repeat[S ~[]E, E any](x S, count int) S                                             { panic(0) }
func Replace[S ~[]E, E any](s S, i int, j int, v ...E) S                                 { panic(0) }
func Reverse[S ~[]E, E any](s S)                                                         { panic(0) }
func Sort[S ~[]E, E cmp.Ordered](x S)                                                    { panic(0) }
func SortFunc[S ~[]E, E any](x S, cmp func(a E, b E) int)                                { panic(0) }
func SortStableFunc[S ~[]E, E any](x S, cmp func(a E, b E) int)                          { panic(0) }
func Sorted[E cmp.Ordered](seq iter.Seq[E]) []E                                          { panic(0) }
func SortedFunc[E any](seq iter.Seq[E], cmp func(E, E) int) []E                          { panic(0) }
func SortedStableFunc[E any](seq iter.Seq[E], cmp func(E, E) int) []E                    { panic(0) }
func Values[Slice ~[]E, E any](s Slice) iter.Seq[E]                                      { panic(0) }
