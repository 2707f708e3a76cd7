/* Makes a mono sound wide for two ears, as soundscapes/engine/sound/beds/ does: a copy, whose phases
   turn to and fro, is added in the left ear and subtracted in the right one. At the same size, a
   stereo file in Ogg Vorbis would lose its width above 6 kHz. */
import { audioContext } from "./sound.js";

const SAMPLE_RATE = 44100;
const SWAY = 2.404826; // radians that each rate turns the phases to and fro
const RATES = [0.9, 1.5, 2.3]; // hertz
const POINTS = 4097; // of a cosine and a sine over all phases
const FULL = 131068; // the number in RESPONSE that is a gain of 1
/* Impulse responses of the all-pass filter and of its Hilbert transform: interleaved, 16 bits,
   little-endian. tests/engine/test_all_pass.py compares them with the server's. */
const RESPONSE =
  "1gJE/nMFKf+5A5EKYPXNA3gAgP6m9tUFg/ko9pn/D/5R/VP3VQaN+7QEUP/YAm8DIgH7AOz9OwZ6+vj55AUbAR36AgCIBOv70v8OAoAEnv1vBLwIsfc/CIb2Mfs0AJ775v04/KsFYv18/twF2vlY/Yv+mvmxBNX6FQTvAfz97AAK/xf7cwTQ+lsJqf3+BzYINf/IAwcGmwfp9aIHeANk+mD/bw9O8GD7TwdB+ScAgAmu9igAxv4x+FsKdwDr/doQlu5h/p0Cuvny+YgHM/Su+m369/a6/xT1uwXt9mIL4gDl/CsH5/4Z+ywAggFcAe/7LwFdBlX4rf4j+tT8Dv0h8PQNEPuRASYAJQr1/H4D5Qd8/yv+BAgFAoz/3QapAyH/lgMHDqvzhwN8AaAAwPQTB3D5QfZ6AH8BfPZC+UQIePhr/AYF1QL+9UkCjwyL71P2TQhf9AsHGvnPEcALfutCDKkBhepfDtUJ0fZ+CKr6fPwy+SkC4PMK7BUZqvTr++oM9Aev7AQUzxEt9owJVQGsAu36tgqh66cBmfjf550PFfgnBrMC2v+jA/0AkPb6EYYFJvyZEdPzXgWF8V35wQC08EkJvvzh/jMFd/jL8kkVPvSHC2kRZveABgz/N/rSBwoClv3lBWUAgf7MAFMCzgJ6AOMBVQZg/lEH3fW4Bbf4aPzI+Iz6RgnM96j9LBMy56z4yfxl7NUJX/MIAgMF5/rh78IN/fzG/E74kRGc+DMErARcBtL8EQaq/w4ELf8VDTLzuhrTEuv1egjHF50GT/CRGsQCHfWZARwXK/MW/eAFTwTD+owKOvna/j8HQA0e3/ALlf7z5CMAmQm8/27wbgSVE1XoavLCEV71eANzDoLyYgvR7cH8Geg89Zb979UDF6v45QKl8c4Xx/zLBfv+8xF5AykDFAERGOEKCvA0Gjfxq+7aDW/wMxkeA+EJoRQ0AOUJKAqDDxX0hSBZ4KoCEfHy+CPwc+7hCOXt2QRd/E0FjfXRFfz4cxA0GfrwpQqj/RkD4PVj+RALrwNt6OH7LBu94/MN0xvg+Yv3jhwhBlUEoiUf5fMOXve7/6TscAH2/VzyJ/iJ/f8I3uneFjoIewF+EuL1PPmOK5MEc/S7RfnRRQXZ4ksExOaV6PXzIfgn+mng2QgUBT7x4uhAGBX7Pv6uCB/ylQ/72uLfQRhx3l4Lcfk2DMH8TgOd7LAjC/8MCEj/zzGvFWTgBDS48OznXgbyAzUMq/7/+rwaJPEH9FUMEQJrAC8KqPnxDrjkGAHx+y/XgzZ3BufrLi/x9FPtRAj0Fv/nxQzH4fv4DQen5cXz8hXT7DHRpiOGBMzzk/rSGJkP4c62B5UKH8r8JJIFnwFiGUnqIvQ5Gtb0R/xbC88QlvhCAxwOGRXsCAvruSUY+svvTPoXJOPbi/Ld9xr+9e+t4T0Wm/8w8GP9GglT+Av5J/l4E2b7q/mbEWHxLPnOADPwpQkrAsr5NP2FAq3/pvcx9KYNyf0u8P331xc05/8QtwdOE7UF2f1fFCX/hPyWA90BjhXx/gMP6CiS2xQkQ9Le5/MVH+V295AWgfFh47ATkfwE/G79LROX8tYV8Bcm8vMHICDsCr7eqTx01ufgOQqxBCrpuP5G/gMEU9t6BvrfftkpEyDYqQiMB672++W9Eyz08Qud8q8XlA4t8gUB8RLK/2fwHxJN7hH2he6i4hge5t2UDh8FdhMg6YslVw32DD8S/wTGGRTxHQTvCyoCQPOREeb1AOuWHmz4gA6GIiPmtw92+QX4nPfp/RgG5/HfCGH9Yh/sAXX+Ii169tv7oQB8MT28kvi3CR/l7es6BV79Fe1y6y4ASe8Kzq0vpNStM7IfTuppGR4M6O5YCg8bZu4PAGgLifnVAqgTBO6K/FwQyvnG+8Ya1+Jl+vYH8uf4B58W8dnb7q4dIeBQBR8LlhJj8WoKxBMJCVj5lBBIGaj6xQzx/2MVUet5DM7zRfxgAAMFSe1QBwoBf/1M380XMN+m1xABeO5q/kHWQSR1+NAGofmjHHwIgfh1BaodvgAX+eYln+uy/5fvc//99WvfsCjK84kGnCXG5yD9NwRf+FL8pfj7E8f32QhnFDb2jQXb/o8DLvBM+PYejOhYFJg0wM/uCZ74k+kzA9nulBWxAB8Ekwf/B2gWVdycAD4WF+cQAN8biPv47wYQXxax5/YFSggF/Wbs2REk9FHkQhMJA3n81f/GElcNp+4+Fdj8ZgeM5L0TpuWb+SPeAvL2/xLXSgoN/+34RfQbAyn1uwj2+Xv5YAwQ5Q/wgv742BEgSevTBqkIxwzY52kasxXV6GH70xdW6iwNcwIcIJr/1ASgJCj3jfnxElMPf/VrEav3Owsz6d/5BQj47n8J7wFUCMILY/AuCKYBe/Yg/94Gjfp5/nP5HvgFDI/34/5bBFsKv/S6DfEJHgb5C9X3FQlxDJ4BpfK4HCjxEPLWAlUHhPs7/QH75Aw+9rj0/AUgC9T0RwS97HoRG+Aq35IVE/3+2yX/nv9w3R7+MeUwKjfrWf4sG/X5gOSHC4r6aw5y3GI97wbHDuworvqRGUnv7gTiBin7qAErCFEIFP1CEwIPwgJiI9fh+BSY8In8o+v8//EA2urzBLMKwv609z4LYxlN3AMN0esZ77b8i+WHF6r/BfOXC5EEb/LvBL4TyebfBK/y//Es+2Xvgg2N9HEDTQ6f7AoCHO/I7AQNY+gB/xwJqPd827kp8Pvu/dEMNQ19/r/89gwg/lQAC/O5AKgAceyADEP9RQWdAmgAEARg9rECtfTU6Q4WxOy5Ek4DHwh8EFjs2vnxFv/uhvv7DO8JuuIMGVoL/AWX9Tcl+gYuEYsWJQ8QI1znjB4T9Y79efm5C8T3WABa83wKbPFK6foW6gGr79UJPQPi9bX2j/4yEBXr4g2zEYH3Sfu8EpbxhyFOEfX6rR3eBCgC0QIwGEoDHgbgB0UpoNekG3ToZvNvAmgImN+RCmz8re348E4Q+/Ep594CMwif+AnuvQ3gFrbeuf34CMH/suGaCM3y8/AC7XLskBEz6b0DhAvx8fwERuG65mYhstOiHrAfZ+pdDC37mfr39I4CYfES8YMBzu5HBTzzgwin+ioFfvf2DlUE7fa9A4wISvcU/nkJX/g494sBY/D6HnH4/gIxKWfadPbhDDHrnAF4A1wGY/wh9s4F9QPu54sThQw697IEq/w5B9XsfvGiDNb0Cve5+OIQBu+fBn4CmQbC/qf4jvBQKh7wxASmHZoQCfIXDdssv+MS+ZARzAQo8OQEgQvu/e/xxQkeBH7ujgm0CW/+qf8CAdIIuvMB9WUWxPaJAqAPHQZ6+ysF0RRL7VH8rQsb8qoR4wTlDAsTQvqjFUDz+Qo89e79GwY9BW7vNhFq75HzMQIQ/KD85/xBBOgBrPfwBH7+B/nCAywJuu2eBOX7OfSf9QUCz/nx4mQZMv69+yYDkA75/AD+Sww4AB39KgFTAnYK9AGc/WwVpvGnASH7pgaf6WT+Rf7G6xAH0QIh95T/V/yM+oL86Pd0ARf67QLt9IEQwwVT8XAOdPES7boPX/B2Bu0LAvcI98MJkPsyBUb4UxGDEsPgEgJzEGjpQv8zDNABePe09yT8IRct6KUSKhc1ADoICfPZD8j2rOh2ETD+CAi9/cYNfwn3CPwHAANxHMvncgZ//V79y/PpAPQCGfSlBDEN/eyg/ZUERfWD+4H9JQ339on/igxpAAP2SgysB6r/OQ4u8UwH3vtX/qns+v8iAtzs/vWf/sEO5t5sFf0RGv9r/R4CKgxS/yTxAg7uDY78ffyDBHEQVPR58JMX3Qri8E8HZQPRAqDzJvVFGX37WALxDY8GmAyr8jEGSAmm/9EAKgoZCVoY7tZSGOXrH+MKBzX42AFEAD/+0P7iCrQD/fYlFk3tdPz+/TQDoOcSBIb1f+exCiP85/ksCdXnDvlQCLvmqfiLFKvjTtRlJzPxjvoxAFMYfffQAQoL3AoRCQzm2gzF+VXlFAkq9zAJhf1R/7f5nhIW/5v1VQQDFYntNg7iFyr7NAms9McGov2G9SkAoP8JBWn3DAcl/uQUZQOA+vUXWwF7+eL/5RoT6Bj5nwU0/Hr7ygASAfYAhQB6Aj/7XA5o6J//RfOS7WYJKOqaEBMGzP6nBGMB3w0i4qYBw/0u434J2v2H/074ggRdAHP4OfM9Faj0YgRhCUUK/PsyA1MSW/Xs/xT7YgK286P0TAd67XUU/wD69SgOGwCG4mgkLg5Q7NoZGe/t79UJwuxNE1kIffLoB+UCp+0+DekCcf4BAJ8FFfkFBwz60BQY9/Ya5xARBeIb1e7XFBnx1vIWD/0AzPgLCB0GlP4u/DQKtPyYADfz1fydDN/ndhn8ClgJeg8d+q8XofXd9rkSdw6K7AQPtAQ6/h7xoRKv887uCA2K/5YBGQl9/V8HFQGWAwgB/xHJ6w8NWvHA+mj7cf5p+JEBZPgw/uX9TQEP8J0MZuD/63QNqeIaCn4GTP2EAmrwPf9jA5DlERHNC2ruwf9cBV70nP3e/6UAVvMxDgz4dw8AC8f5+g05+hkBvPbPAQH+UfTOBIgG5vCy+qAIlfNgAT8ELPx5/rz2eO8LIDzvDQbeHDD8v/REDdQSMu5rAPMGifz7/3r/mQuECMP1JA/F8+/9lgKb+vb4eBH95nTr2RYv9wbw7Am8BhLnoRBEDpP0fQaZ/sv7vP0tAmn7SfspAwL8kwQ0Az333Al58oTySQmW9zn+1gDbAVn2Zw5JAoP0wQ+P9ufnVBX7/5wDcQEiDqgW3N4NDEX8Je9E+Af+BQLN9O399f1eAvj7tfbG+boMoPJv/7EInvu39ZEAGPYFEMTzGQjBCpr/JvkJDoYDZ/yfCI8Cwfq/AWYO+eoO9mkOw/Ld+NcARw7P6iMPQgvuAG7/BwfWAn0AEAO1/hn5cRAV+z4EwQesC4X6RBC8D9v7RhP58HH/Jwh09sgG/QVkB/EGJPhTBwIL8Pkv/yQTmP0C9doScQ9G8wsULu+5/boCqO9qFCEHufzZEjj/rgD3BC0aN9m0CXD8gOXIBk8BSAbpAUT2WAzJ/bL00AD1CVf7WffxBqAG6v/K/sEGexEc7h4Gvv/GAY/xEQV//zL6t/jKDQ7rp/n9+vv3rvTt8TkQK/OU/OIL0f298EcN8QVb/LMJxvR5Bcj4EfcPAXECbvVXAPL2RfkM/j718P47/RH89fb6AEb5mv8o920EF/XSDoD6KwUdCun8Q/+I/t4A2/y8944FNPnWCfL4oxEXCY74KxUe67j26Ao97yII9wUAAZ8BAv7C/y4Gqv6+940BUw5W7vULuBQM+yv6oRH8EGHp/w6F+CHzTwSC+a4LwAEJBEMOtfiDEMLkIQfC7c3jyRIz7iALzgIHDBgJI/YrDx/89P1w8ykKfvJz7pIIN/nk/3gBSvtX/B8I7voO+r0OPO1h8hQGE/ACBsz9Wvsh+fANFfJ4BfkHSAUJ9K8Opwk0Ab0DZP86Dlfx9PYJC/P6a/71/+IJ9P/w+wcJ9/sv/BT9///i+bj0Uwpd9DYINftiFA3/xwLmEaH92PtgCH8Bcww6B0b2HBSH+sjwuArWDD/0C/sJD6MAJ/2WCkX84gO7/Ir6kAfDBPb4Vf4lEQb9iwLeGEXrvASF/qf06wLvAg0BhP3JBJAHA/zqBRb4twX09lX3ngT19qQPNf5OBFwUPvi1Aif9tgwy73P5UgmF+gcDfgjq+egNwfBH/L4B7QCg9A0CJ/tL/xPzrfo3AbT3ZflF/+D6ZfT8BBD0CwoF/0kBkAL+AEH/IwNvAdj5CgSc/8nybA7WA4gA6AoR9gEL2POw9p4BBwGZ8kX3SApw87cGCQV6+kgI0PIN9KsLAfZz/8kCnwGq90cJQ/xnCOMGSfzRBWH9CABg/B/9kwDT+FkLcPpvBi8N+fYp/0AGNf3gAfwDj/7mA3UA9/uGBaEJSPUoAUED3/5P++YCEP4+AnH1+PzSAeL56/g//iAApvHzCQj5GAiz/yYJeP7ECs8M1vRGCmX5rPfIByD3Bg0/BToF4gnu/4kR+e2ACPv07vlf/NL4Qf+V/IsCQ/nmBSAIXfT2Arv5wvuj+KXznwlI9LgIGP/ABGUE8gAv/ksEbQh181P6Xg/T9/z/FgtxAfX7RANcCLr4twFf/837dQEHAGcB0/4hAiYE4fv8ArT3mf5pATXxhwyqBOn7MwJZA9kCf/d0ASP6MvnNARjrZRwo/yQCDQ8oBDsEF/tECFj+Yv0P/0v92AvU+UkOFg3b/d0STvXWByn4vQXM8a78zAF79lIEWQMI+4AH0/QN+4kCDflBALX/eP/O/un/mPwAAO7/kgHe9LsR0wQu/fIJPQR0BKf6jgp8940D5vdL+IYJbwA292sGtgLg/J/49AjM+fr5pvtfATj6M/dTBWf8Hv5MA0T8a/wm/ggAi/kU+IYFLPgaBaL9tAJFBQH5vviMDYr8g/xoBlUE6vmaBAMFYwEsBS/50QIaAvL7Xf/xBKz9Zv90/uMBCvvmAY/3Hfp5Anj3tAJX/BUFBAHu+sf/SANX+/n6pv6WBBfxvA6I/RwMigXQA8sLrftvBrT9rv7oAkECPf8EAB0HOgQs/fEIYvzTBn7z0QAW/8H6jvrP/vwC5PqL/EcCrwCl+hn9sgDFAk32ZAfFBEf8mwEYAMr9LADa/T8ELfwxBmIDmwGyAtICQwj99X0D3P7c+3r9L/1yB8787wHUBpoArwW29VEH2fe1+bf7ufq+ASD2RAdm/kAD0wQT+YwCMf2m+FoBK/p0BgP6nweaACoFnQP8AC0CwgUrAq4AYAea/l8Eyfu2AqP/rf/A/kwDz/vBAZr90PtKBB4ER/aiAuv/ovv/+LsAOP5x9UQErPlUCoL/3/22Bl8CSfuEAKcHQPka+nkGRfq3BpUA2QXMBEABLwfX/YYFR/vyBHn4n/1BAV37CwO0/3kCrQYO94sCNP8B/Vz6Wf/iAVv5QAELASkBkf9Z/LoAdwGi+gcB0gC0AZT8QwOsACADAQFeAOsCvQFnAQf++gJGAjH/yf/ZBiv7TgHE/eT/7v5jAZ36xgCy/h/99/y7AM/89/x2/Xf8cAAe/H7+yftGBSf7lAGTAFcEfP73/noD8/93+1wDu/6UBbf/NwKHBNoC7QKI/LMHC/sO/mz+DwCn/sn8+wHq/3r/twGc/BT/RwJH/Z7+mAPG+1j8aQGA+xADRv8i/wT/3ANE/SoBhgGdAqz+IwEtAvkAvv/P/2P/QAb9/WED4gat/x0ETvxjBHz+Sf+q/MICeP5z+9MCIQIG/mMCtvtCAS/9s/unAGL+nP+l/XIB1P3VAmz/UAApAT4B+v4bAQgBsQCiADP/HP9rBUb/6/9HBpn+a/8IAVACXwC4AhT81ASl+5r+0fy7/zz+t/tOAQj/AQG9/1T+LQPh+sb9dP5T+80B2PoYBDH+WAO2ALwAbQFKAaQApf5GATIAtv3uARr/ogMNAXv/ywLYAY8AH/7tA1v/2f6t/n8CYf9C/gz/JANW/Fv9wAA9/l0Bj/57ANMCa/xi/lUBlP3G/2b/PgGd/LoEOADZACYCCgJdAYb+1ALz/wL/SADuANoB7v8oAVkD7v8dBJH5tAMv/bL7Ff/EAAz+WPxqAoP/1P92ASv95AA2/hf9o/9L/iMB4vwOAg0AOwHo/6v/RQH+/xX+cQFYABsBYv+/ATACjf6CASj/h/9bANv/QgBe/1UDIgIl/DMFy/vc/U3+9P3UALP9xf7L/wEC5vwqAPACX/5N/dMAUgD1/qj9OQHO/sQBSf3AA9ABSf/zAIgBKQDh/zwBbgCE/3gBpgFA/voAawGK/6P+rwIG/13+HQBSAW/+X/9z/1z/VgDw/jz/NgB+ANz9SQDkAFb/ZP3nAt/+FAI+AU//JQGYAa7+5wBzAvH/hP+3ALcBAgCZ/+YAMwL0/vj/RwG6Afv95AEq/hoAmf65/sYAP/+N/wABvf6N/i8CCQDE/dwBnv+a/fP/bABLAGn+w/+TAM0AMv1sApkBGQDg/0wBGgJ//j0AwwCAAB7/KAA1ASYAyv/DAVD/vQBM/4YBLf2JAKX+ov59/qn+aQHD/ez/jwH5/sj9yAHP//P/iQAo/wkALwBS/v8AOwBaAHz/9wCfABkAjAB5/6IADgBg/wMA1QCZ/2//LwA3AIwAqP8GANYBXv61/63/FACB/jP/8P9i/t4Auv5lAfT/gAACAcj+GwBxAKv+YgDx/xMBb/8ZAJwATgEY/7cA1wFKAMH/NQBcAlz+C/+8AYEA1P5YAaH/lf9OAGsAbv/4AEn///+L/8sA3/1NAEX+lv3rARr+fADyAC8Akv+w/6EA7//r/mQAhwCe/1j/lgDZ/1kAEQDC/wsAVwF1/zsAcQIf/h4ASP9+/+X/Uv87/9X/vwA+/qUAegHP/gv/sQDo/3//S//NANz/jP+F/yUBYP9LAJYA9P/C/0kA3P9RAGr/bgFlAGP/3QCPAHn/tf/AAJEA8v7RACgBAAAnAO7/ygCRANv/fv9wAqn9u/7vAFX/mv/n/w==";

let response = null;

/* Return nodes for a mono sound: where it comes in, and where it goes out for two ears.

   `width` is the share of the power that differs between them; `position` pans with constant power. */
export function widener(width, position) {
  const context = audioContext();
  const input = new GainNode(context);
  const output = new ChannelMergerNode(context, { numberOfInputs: 2 });
  const copy = new GainNode(context, { gain: Math.sqrt(width) });
  const ears = [Math.cos, Math.sin].map((gainAt, ear) => {
    const node = new GainNode(context, { gain: gainAt(((position + 1) * Math.PI) / 4) });
    node.connect(output, 0, ear);
    return node;
  });
  const sound = new GainNode(context, { gain: Math.sqrt(1 - width) });
  const opposite = new GainNode(context, { gain: -1 });
  input.connect(sound);
  for (const ear of ears) sound.connect(ear);
  copy.connect(ears[0]);
  copy.connect(opposite).connect(ears[1]);
  return { input, output, stop: turn(context, filtered(context, input), copy) };
}

/* Return the copies of a sound, each in a channel of its own. */
function filtered(context, input) {
  response ??= decoded();
  const { length } = response[0];
  const buffer = new AudioBuffer({ length, numberOfChannels: 2, sampleRate: SAMPLE_RATE });
  for (const [channel, samples] of response.entries()) buffer.copyToChannel(samples, channel);
  const filter = new ConvolverNode(context, { buffer, disableNormalization: true });
  const channels = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
  input.connect(filter).connect(channels);
  return channels;
}

/* Add the copies, one with the cosine of the turning phase and one with its sine. Return what ends
   the turning: until then, the browser computes and keeps all nodes. */
function turn(context, channels, sum) {
  const most = SWAY * RATES.length;
  const phase = new GainNode(context, { gain: 1 / RATES.length });
  const turning = RATES.map((frequency) => new OscillatorNode(context, { frequency }));
  for (const each of turning) {
    each.connect(phase);
    each.start();
  }
  for (const [channel, shape] of [Math.cos, Math.sin].entries()) {
    const curve = Float32Array.from({ length: POINTS }, (_, at) =>
      shape(most * ((2 * at) / (POINTS - 1) - 1)),
    );
    const level = new GainNode(context, { gain: 0 });
    phase.connect(new WaveShaperNode(context, { curve })).connect(level.gain);
    channels.connect(level, channel).connect(sum);
  }
  return () => {
    for (const each of turning) each.stop();
  };
}

function decoded() {
  const bytes = Uint8Array.from(atob(RESPONSE), (character) => character.charCodeAt(0));
  const numbers = new DataView(bytes.buffer);
  const length = bytes.length / 4;
  return [0, 2].map((first) =>
    Float32Array.from({ length }, (_, at) => numbers.getInt16(4 * at + first, true) / FULL),
  );
}
